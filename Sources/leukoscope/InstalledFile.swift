import Foundation

/// Files that are made once of pinned packages: by `Scripts/bootstrap.sh` into `.deps`, or as part of the Debian package.
enum InstalledFile {
    /// What the variable names; the file in `LEUKOSCOPE_DEPS`; beside the program itself, where the Debian package has it; in `.deps`
    /// of the working directory, beside the program or above it.
    ///
    /// - Parameters:
    ///   - name: Such as `places/places.tsv`.
    ///   - variable: Of the environment.
    /// - Returns: Nil where there is none.
    static func find(_ name: String, variable: String) -> URL? {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment[variable], !path.isEmpty { return existing(URL(fileURLWithPath: path)) }
        if let path = environment["LEUKOSCOPE_DEPS"], !path.isEmpty,
            let url = existing(URL(fileURLWithPath: path).appending(path: name))
        {
            return url
        }
        var folders = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        var folder = (Bundle.main.executableURL ?? folders[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<5 {
            folders.append(folder)
            folder = folder.deletingLastPathComponent()
        }
        return existing(folders[1].appending(path: name))
            ?? folders.lazy.compactMap { existing($0.appending(path: ".deps/\(name)")) }.first
    }

    static func existing(_ url: URL) -> URL? {
        FileManager.default.isReadableFile(atPath: url.path) ? url : nil
    }
}
