/** The language by its own name. */
export default "繁體中文";
