/** The language by its own name. */
export default "English";
