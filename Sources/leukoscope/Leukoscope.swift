import ArgumentParser
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
            PrivacyCommand.self,
            ReadingsCommand.self, ScreeningsCommand.self,
            StoreBenchmarkCommand.self, RecommendationBenchmarkCommand.self, ModelsCommand.self,
            SitesCommand.self, SlidesCommand.self, SlidesWorkerCommand.self, CertificateCommand.self,
        ])

    static func main() async {
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
