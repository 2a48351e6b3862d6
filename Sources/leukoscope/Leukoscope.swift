import ArgumentParser
import Foundation
import Glibc
import Offloading

/// The everyday tool; every command is a file of its own.
@main
struct Leukoscope: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leukoscope",
        abstract: "Screens photographs of stained blood smears for B-cell acute lymphoblastic leukaemia.",
        discussion: "A screening aid for qualified readers, not a diagnosis.",
        version: "2.3.0",
        subcommands: [
            PredictCommand.self, EvaluateCommand.self, ServeCommand.self, UsersCommand.self, TokensCommand.self,
            DoctorsCommand.self, PlacesCommand.self,
            MigrateCommand.self, BackupCommand.self, RestoreCommand.self, ArchiveCommand.self, AuditCommand.self,
            ReadingsCommand.self, ScreeningsCommand.self,
            StoreBenchmarkCommand.self, RecommendationBenchmarkCommand.self, ModelsCommand.self,
            SitesCommand.self,
        ])

    /// As many heaps as processors. The C library's own rule is eight times as many, a thread each, and what lies free in one
    /// serves no other: a photograph of 60 megapixels then takes 10 MB more.
    private static func shareHeaps() {
        _ = mallopt(M_ARENA_MAX, Int32(ProcessInfo.processInfo.activeProcessorCount))
    }

    static func main() async {
        shareHeaps()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            await Offloading.process.finish()
        } catch {
            await Offloading.process.finish()
            ProgramExit.end(with: error)
        }
    }
}
