import Foundation

/// Where a program finds its model when nobody says where.
public enum ModelLocation {
    /// The environment variable that names the directory of the release model.
    public static let environmentVariable = "LEUKOSCOPE_MODEL"

    /// The directory of a shipped model.
    ///
    /// Looked for in this order: the directory that `LEUKOSCOPE_MODEL` names (for `release` only),
    /// `Models/<name>` in the working directory, and `Models/<name>` beside the executable or any directory above it.
    /// - Parameters:
    ///   - name: `release` or `demonstration`.
    ///   - environment: The process's environment.
    ///   - workingDirectory: Where relative paths start.
    ///   - executable: The running program, symbolic links resolved.
    /// - Throws: `PackagingError` with `.notFound` and the places that were looked at.
    public static func find(
        name: String = "release",
        environment: [String: String] = ProcessInfo.processInfo.environment,
        workingDirectory: URL = URL(fileURLWithPath: FileManager.default.currentDirectoryPath),
        executable: URL? = Bundle.main.executableURL?.resolvingSymlinksInPath()
    ) throws -> URL {
        if name == "release", let path = environment[environmentVariable], !path.isEmpty {
            return URL(fileURLWithPath: path, relativeTo: workingDirectory).standardizedFileURL
        }
        var places = [workingDirectory]
        var place = executable?.deletingLastPathComponent().standardizedFileURL
        while let here = place {
            places.append(here)
            place = here.path == "/" ? nil : here.deletingLastPathComponent()
        }
        for place in places {
            let directory = place.appendingPathComponent("Models").appendingPathComponent(name)
            let description = directory.appendingPathComponent(ModelPackage.FileName.description)
            if FileManager.default.fileExists(atPath: description.path) { return directory.standardizedFileURL }
        }
        throw PackagingError(
            .notFound,
            "no model package \(name) here, nor beside the program: state --model DIR or set \(environmentVariable)",
            path: workingDirectory.appendingPathComponent("Models").appendingPathComponent(name).path)
    }
}
