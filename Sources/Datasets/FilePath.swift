/// Paths in tables that come with images.
enum FilePath {
    /// Whether a path stays below the folder that it starts from. By bytes, as the file system reads it: `/` with an accent
    /// behind it is one `Character` and still parts folders.
    static func staysBelow(_ path: String) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return !path.isEmpty && !path.utf8.contains(0) && parts.first?.isEmpty == false
            && !parts.contains { $0.elementsEqual("..".utf8) }
    }
}
