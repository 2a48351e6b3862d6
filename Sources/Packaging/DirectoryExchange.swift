import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Changes of directories that a reader sees whole or not at all.
enum DirectoryExchange {
    /// Swaps two paths of one file system in one step, so that neither is ever missing: renameat2(2) with
    /// `RENAME_EXCHANGE`.
    /// - Returns: `false` where the system or the file system cannot; nothing has changed then.
    /// - Throws: `CocoaError` with the system's reason.
    static func exchange(_ first: URL, _ second: URL) throws -> Bool {
        #if os(Linux)
            typealias Function =
                @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt
            // glibc declares it for _GNU_SOURCE alone, which Swift's module of glibc leaves undefined.
            guard let symbol = dlsym(nil, "renameat2") else { return false }
            let renameat2 = unsafeBitCast(symbol, to: Function.self)
            let exchange: CUnsignedInt = 1 << 1  // RENAME_EXCHANGE of linux/fs.h
            if renameat2(AT_FDCWD, first.path, AT_FDCWD, second.path, exchange) == 0 { return true }
            // The manual's codes for "not on this kernel" and "not on this file system".
            if errno == ENOSYS || errno == EINVAL { return false }
            let reason = String(cString: strerror(errno))
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: second.path, "reason": reason])
        #else
            return false
        #endif
    }
}
