//! A layer below SQLite (a "VFS", <https://sqlite.org/vfs.html>) that passes every call on to the real one, except
//! writes and syncs of the write-ahead log, which fail or wait on request.

#![expect(
    unsafe_code,
    reason = "SQLite calls its file system through C function pointers; there is no other way below it"
)]

use std::{
    ffi::{c_char, c_int, c_void},
    ptr,
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};
use tokio::sync::Notify;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Half of the data is written, then the disk fails.
    HalfWritten,
    /// Half of the data is written, then the disk is full.
    Full,
    /// The data is written, and its sync fails.
    NotSynced,
}

/// The disk of this process. One test uses it at a time.
pub struct Disk {
    orders: &'static Mutex<Orders>,
    _turn: MutexGuard<'static, ()>,
}

#[derive(Default)]
struct Orders {
    fault: Option<Fault>,
    /// How many calls succeed first.
    after: usize,
    hold: bool,
}

static TURN: Mutex<()> = Mutex::new(());
static ORDERS: Mutex<Orders> = Mutex::new(Orders {
    fault: None,
    after: 0,
    hold: false,
});
static RELEASED: Condvar = Condvar::new();
static HELD: Notify = Notify::const_new();

impl Disk {
    /// Installs the layer without a fault.
    pub fn install() -> Self {
        static INSTALLED: OnceLock<()> = OnceLock::new();
        INSTALLED.get_or_init(install);
        let disk = Self {
            orders: &ORDERS,
            _turn: TURN.lock().unwrap_or_else(PoisonError::into_inner),
        };
        disk.mend();
        disk
    }

    /// After so many more successful calls, every call fails with this fault.
    pub fn fail(&self, fault: Fault, after: usize) {
        let mut orders = self.orders.lock().unwrap();
        (orders.fault, orders.after) = (Some(fault), after);
    }

    /// Ends the fault.
    pub fn mend(&self) {
        *self.orders.lock().unwrap() = Orders::default();
        RELEASED.notify_all();
    }

    /// From now on a sync waits until the disk is mended.
    pub fn hold(&self) {
        self.orders.lock().unwrap().hold = true;
    }
}

/// Waits until a sync is held.
pub async fn held() {
    HELD.notified().await;
}

/// The fault of this call, if it fails.
fn fails(asked: impl Fn(Fault) -> bool) -> Option<Fault> {
    let mut orders = ORDERS.lock().unwrap();
    let fault = orders.fault.filter(|fault| asked(*fault))?;
    if orders.after > 0 {
        orders.after -= 1;
        return None;
    }
    Some(fault)
}

fn wait_if_told() {
    let mut orders = ORDERS.lock().unwrap();
    if orders.hold {
        HELD.notify_one();
    }
    while orders.hold {
        orders = RELEASED.wait(orders).unwrap();
    }
}

/// The file that SQLite sees: our methods, and the real file behind them.
#[repr(C)]
struct File {
    base: sqlite3_file,
    is_wal: bool,
    real: *mut sqlite3_file,
}

fn install() {
    // SAFETY: the default VFS lives as long as the process; ours is a leaked copy of it with another way to open, room
    // for our `File` before the real one's, and a name of its own.
    unsafe {
        ffi::sqlite3_initialize();
        let real = ffi::sqlite3_vfs_find(ptr::null());
        let mut ours = *real;
        ours.szOsFile += c_int::try_from(size_of::<File>()).unwrap();
        ours.zName = c"failing".as_ptr();
        ours.pNext = ptr::null_mut();
        ours.xOpen = Some(open);
        let ours = Box::leak(Box::new(ours));
        assert_eq!(ffi::sqlite3_vfs_register(ours, 1), ffi::SQLITE_OK);
    }
}

fn real_vfs() -> *mut sqlite3_vfs {
    // SAFETY: the name is a C string, and the VFS of that name is part of every Unix build.
    unsafe { ffi::sqlite3_vfs_find(c"unix".as_ptr()) }
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes, aligned for any struct: our `File`, and the real one behind it.
    unsafe {
        let ours = file.cast::<File>();
        let real = ours.add(1).cast::<sqlite3_file>();
        let vfs = real_vfs();
        let opened = (*vfs).xOpen.unwrap()(vfs, name, real, flags, out);
        // Without methods SQLite does not close a file that was not opened.
        let methods = if opened == ffi::SQLITE_OK {
            &raw const METHODS
        } else {
            ptr::null()
        };
        ours.write(File {
            base: sqlite3_file { pMethods: methods },
            is_wal: flags & ffi::SQLITE_OPEN_WAL != 0,
            real,
        });
        opened
    }
}

/// Passes a call on to the real file.
macro_rules! pass {
    ($($name:ident as $method:ident ( $($arg:ident : $type:ty),* ) $(-> $result:ty)?;)*) => { $(
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($arg: $type),*) $(-> $result)? {
            // SAFETY: SQLite hands back the file that `open` has filled in.
            unsafe {
                let real = (*file.cast::<File>()).real;
                (*(*real).pMethods).$method.unwrap()(real, $($arg),*)
            }
        }
    )* };
}

pass! {
    close as xClose() -> c_int;
    read as xRead(to: *mut c_void, count: c_int, at: sqlite3_int64) -> c_int;
    real_write as xWrite(from: *const c_void, count: c_int, at: sqlite3_int64) -> c_int;
    truncate as xTruncate(size: sqlite3_int64) -> c_int;
    real_sync as xSync(flags: c_int) -> c_int;
    size as xFileSize(size: *mut sqlite3_int64) -> c_int;
    lock as xLock(level: c_int) -> c_int;
    unlock as xUnlock(level: c_int) -> c_int;
    check_lock as xCheckReservedLock(out: *mut c_int) -> c_int;
    control as xFileControl(op: c_int, argument: *mut c_void) -> c_int;
    sector as xSectorSize() -> c_int;
    traits as xDeviceCharacteristics() -> c_int;
    shm_map as xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shm_lock as xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shm_barrier as xShmBarrier();
    shm_unmap as xShmUnmap(delete: c_int) -> c_int;
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: as in `pass!`.
    unsafe {
        if (*file.cast::<File>()).is_wal
            && let Some(fault) = fails(|fault| fault != Fault::NotSynced)
        {
            real_write(file, from, count / 2, at);
            return if fault == Fault::Full {
                ffi::SQLITE_FULL
            } else {
                ffi::SQLITE_IOERR_WRITE
            };
        }
        real_write(file, from, count, at)
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as in `pass!`.
    unsafe {
        if (*file.cast::<File>()).is_wal {
            wait_if_told();
            if fails(|fault| fault == Fault::NotSynced).is_some() {
                return ffi::SQLITE_IOERR_FSYNC;
            }
        }
        real_sync(file, flags)
    }
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Version 3 would add memory-mapped reading, which is not used.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(traits),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
