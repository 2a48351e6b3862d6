import ArgumentParser
import Casework
import Clinic
import Foundation

/// Where slides come from, and how much they may take.
struct SlideOptions: ParsableArguments {
    /// What the options come to.
    struct Choice {
        let registered: URL?
        let quota: SlideQuota
    }

    @Option(
        help: ArgumentHelp(
            "A folder of slides on this machine: clinicians and administrators take slides out of it into their cases, where they "
                + "stay. Nothing outside of it is opened.", valueName: "dir"))
    var slidesFolder: String?

    @Option(help: ArgumentHelp("What the slides that one person sent may take.", valueName: "GB"))
    var slidesPerAccount = SlideQuota().accountBytes / 1_000_000_000

    @Option(help: ArgumentHelp("What all slides that were sent may take.", valueName: "GB"))
    var slidesInAll = SlideQuota().allBytes / 1_000_000_000

    func validate() throws {
        for (name, value) in [("slides-per-account", slidesPerAccount), ("slides-in-all", slidesInAll)] {
            guard (0...1_000_000).contains(value) else {
                throw ValidationError("--\(name) lies from 0 to 1000000, not at \(value).")
            }
        }
        var isFolder: ObjCBool = false
        // One that is not there may be on a disk that is not mounted now: the site starts without it.
        if let slidesFolder, FileManager.default.fileExists(atPath: slidesFolder, isDirectory: &isFolder),
            !isFolder.boolValue
        {
            throw ValidationError("--slides-folder \(slidesFolder) is no folder.")
        }
    }

    var choice: Choice {
        var quota = SlideQuota()
        quota.accountBytes = slidesPerAccount * 1_000_000_000
        quota.allBytes = slidesInAll * 1_000_000_000
        return Choice(
            registered: slidesFolder.map { URL(fileURLWithPath: $0, isDirectory: true) }, quota: quota)
    }
}
