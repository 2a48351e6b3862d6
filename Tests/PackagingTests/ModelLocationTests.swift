import Foundation
import Packaging
import Testing

@Suite struct ModelLocationTests {
    private func install(_ name: String, in place: URL) throws -> URL {
        let directory = place.appendingPathComponent("Models/\(name)")
        try FileManager.default.createDirectory(
            at: directory.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: TinyPackage.directory, to: directory)
        return directory.standardizedFileURL
    }

    @Test func `the environment comes first`() throws {
        try TinyPackage.withTemporaryDirectory { place in
            _ = try install("release", in: place)
            let found = try ModelLocation.find(
                environment: ["LEUKOSCOPE_MODEL": "/somewhere/else"], workingDirectory: place, executable: nil)
            #expect(found.path == "/somewhere/else")
        }
    }

    @Test func `the working directory comes next and then the places above the program`() throws {
        try TinyPackage.withTemporaryDirectory { place in
            let installed = try install("release", in: place)
            let program = place.appendingPathComponent(".build/release/leukoscope")
            let fromWork = try ModelLocation.find(environment: [:], workingDirectory: place, executable: nil)
            let fromProgram = try ModelLocation.find(
                environment: [:], workingDirectory: URL(fileURLWithPath: "/"), executable: program)
            #expect(fromWork.path == installed.path)
            #expect(fromProgram.path == installed.path)
        }
    }

    @Test func `the environment does not stand in for the demonstration model`() throws {
        try TinyPackage.withTemporaryDirectory { place in
            let error = try #require(throws: PackagingError.self) {
                try ModelLocation.find(
                    name: "demonstration", environment: ["LEUKOSCOPE_MODEL": "/somewhere/else"],
                    workingDirectory: place, executable: place.appendingPathComponent("leukoscope"))
            }
            #expect(error.code == .notFound)
        }
    }
}
