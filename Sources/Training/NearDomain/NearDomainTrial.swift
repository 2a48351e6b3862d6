import Findings
import Foundation
import Imaging
import Offloading
import Randomness

/// Changes fields and has each screened as a person's image would be.
public struct NearDomainTrial: Sendable {
    /// Answers a file; the product's own screening.
    public typealias Screen = @Sendable (_ file: [UInt8]) async throws -> ScreeningOutcome

    let reference: NearDomainReference
    let seed: UInt64
    let offloading: Offloading

    /// - Parameters:
    ///   - reference: What the model's own images look like.
    ///   - seed: Decides how strong each change of each image is.
    ///   - offloading: The threads that change images.
    public init(reference: NearDomainReference, seed: UInt64, offloading: Offloading = .process) {
        (self.reference, self.seed, self.offloading) = (reference, seed, offloading)
    }

    /// Screens each field as it is and under every change.
    ///
    /// A field from elsewhere is brought to the size of the reference's red cells before each of the changes.
    /// - Parameters:
    ///   - subjects: The fields.
    ///   - width: How many fields are worked on at once; what is held in memory.
    ///   - progress: How many are done.
    ///   - screen: Answers a file.
    /// - Throws: `TrainingError` naming a file that cannot be read or changed; what `screen` throws; `CancellationError`.
    public func run(
        _ subjects: [NearDomainSubject], width: Int, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void,
        screen: @escaping Screen
    ) async throws -> NearDomainTally {
        var tally = NearDomainTally()
        try await withThrowingTaskGroup(of: (NearDomainSubject, [Answered]).self) { group in
            var waiting = subjects.makeIterator()
            var done = 0
            func begin() {
                guard let subject = waiting.next() else { return }
                group.addTask { (subject, try await answers(to: subject, screen)) }
            }
            for _ in 0..<max(1, width) { begin() }
            while let (subject, answers) = try await group.next() {
                tally.add(subject, answers)
                done += 1
                progress(done, subjects.count)
                begin()
            }
        }
        return tally
    }

    private typealias Answered = (change: NearDomainChange?, answer: NearDomainTally.Answer?)

    /// A field as it is, and as changes begin with it.
    private struct Opened {
        let image: RGBImage
        let base: RGBImage
        let redCellPixels: Double
    }

    private func answers(to subject: NearDomainSubject, _ screen: Screen) async throws -> [Answered] {
        let opened = try await offloading.compute { try open(subject) }
        var answers: [Answered] = [(nil, try await answer(opened.image, screen))]
        for change in NearDomainChange.allCases {
            let changed = try await offloading.compute { try self.changed(opened, by: change, subject) }
            answers.append((change, changed == opened.base ? nil : try await answer(changed, screen)))
        }
        return answers
    }

    private func answer(_ image: RGBImage, _ screen: Screen) async throws -> NearDomainTally.Answer {
        let file = try await offloading.compute { try ImageEncoder.png(image, level: 1) }
        let outcome = try await screen(file)
        return NearDomainTally.Answer(label: outcome.label, decision: outcome.decision, novelty: outcome.novelty)
    }

    private func open(_ subject: NearDomainSubject) throws -> Opened {
        let image = try subject.image()
        let own = reference.redCellPixels ?? 0
        let pixels = try subject.redCellPixels ?? ScaleEstimate.measure(image).redCellPixels ?? own
        guard subject.isForeign else { return Opened(image: image, base: image, redCellPixels: pixels) }
        let base = try NearDomainPart.redCellSize.apply(
            to: image, redCellPixels: pixels, reference: reference, strength: 0.5)
        return Opened(image: image, base: base, redCellPixels: own)
    }

    private func changed(
        _ opened: Opened, by change: NearDomainChange, _ subject: NearDomainSubject
    ) throws -> RGBImage {
        do {
            return try change.apply(
                to: opened.base, redCellPixels: opened.redCellPixels, reference: reference, seed: seed(of: subject))
        } catch {
            throw TrainingError(.data, "\(subject.id) cannot be changed by \(change.rawValue): \(error)")
        }
    }

    /// The same for an image whatever others are looked at.
    private func seed(of subject: NearDomainSubject) -> UInt64 {
        var generator = SplitMix64(seed: seed, subject.id.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) })
        return generator.next()
    }
}
