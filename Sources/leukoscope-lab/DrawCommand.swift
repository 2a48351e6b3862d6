import ArgumentParser
import Datasets
import Findings
import Foundation
import Imaging

/// `leukoscope-lab draw`: a labelled folder of drawn smears.
struct DrawCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case png, jpeg }

    static let configuration = CommandConfiguration(
        commandName: "draw",
        abstract: "Draw blood smears of the four classes, told apart by morphology alone.",
        discussion: """
            Writes DIR/Benign, DIR/Early, DIR/Pre and DIR/Pro with equally many images. The same options always give the
            same images; another --first gives fresh ones. Drawn images demonstrate and test; they are no medical data.

            Example:
              leukoscope-lab draw --count 1200 --into drawn/training
              leukoscope-lab draw --count 400 --first 100000 --into drawn/test
            """)

    @Option(help: "Number of images in all; rounded up to the same number in each class.") var count: Int
    @Option(help: "Folder to write into; made if it does not exist.") var into: String
    @Option(help: "Width and height in pixels, 32 to 2048.") var side = 224
    @Option(help: "Seed of the whole set.") var seed: UInt64 = 0
    @Option(help: "Number of the first image; sets with different ranges share no image.") var first: UInt64 = 0
    @Option(help: "png or jpeg.") var format = Format.png

    func validate() throws {
        guard count > 0, count <= 10_000_000 else { throw ValidationError("--count must be 1 to 10000000.") }
        guard (32...2048).contains(side) else { throw ValidationError("--side must be 32 to 2048.") }
        guard first <= UInt64.max / 2 else { throw ValidationError("--first is too large.") }
    }

    func run() throws {
        let each = (count + 3) / 4, folder = URL(fileURLWithPath: into)
        let progress = LabProgress()
        for (label, name) in SmearClass.allCases.map(\.folder).enumerated() {
            let target = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            for position in 0..<each {
                let number = first + UInt64(position)
                try draw(label, number: number, to: target.appendingPathComponent("\(name)-\(number)"))
                progress.count("drawing", label * each + position + 1, of: 4 * each)
            }
        }
        print("\(4 * each) images in \(folder.path)")
    }

    /// Image seeds hold the set's seed in the upper half; the class is not part, so classes share all conditions.
    private func draw(_ label: Int, number: UInt64, to url: URL) throws {
        let image = try DrawnSmear.draw(class: label, seed: seed << 40 ^ number, side: side)
        let bytes = format == .png ? try ImageEncoder.png(image, level: 3) : try ImageEncoder.jpeg(image, quality: 95)
        try Data(bytes).write(to: url.appendingPathExtension(format == .png ? "png" : "jpg"), options: .atomic)
    }
}
