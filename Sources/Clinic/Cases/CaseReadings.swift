import Findings
import Foundation

/// What doctors signed in the images of a case, as far as verdicts and lists tell it.
///
/// Of each reader the last signed revision of an image counts, unless a reading of the whole case settled it; the most
/// serious of them leads (`Finding.led`).
public struct CaseReadings: Sendable, Equatable, Encodable {
    /// Signed readings that count.
    public private(set) var signed = 0
    /// Images whose answer a reading leads.
    public private(set) var leading = 0
    /// Images that a reader could not read.
    public private(set) var unreadable = 0
    /// Images of which readers say different things.
    public private(set) var disputed = 0
    /// Images of which a reader and the network name different classes.
    public private(set) var differing = 0
    /// Images that came after the last signature.
    public private(set) var newImages = 0

    public init() {}

    /// - Parameters:
    ///   - images: What the network found in each image that is screened, and the readings of it.
    ///   - arrivals: When each image of the case came.
    public init(_ images: [(finding: Finding, readings: [Reading])], arrivals: [Date]) {
        var last: Date?
        for (finding, readings) in images {
            let counting = readings.counting
            let classes = counting.compactMap(\.label.smearClass)
            signed += counting.count
            leading += finding.leading(counting) == nil ? 0 : 1
            unreadable += counting.contains { $0.label == .unreadable } ? 1 : 0
            disputed += Set(counting.map(\.label)).count > 1 ? 1 : 0
            differing += finding.reported.map { network in classes.contains { $0 != network } } == true ? 1 : 0
            last = (counting.compactMap(\.signedAt) + (last.map { [$0] } ?? [])).max()
        }
        if let last { newImages = arrivals.count { $0 > last } }
    }
}

extension Finding {
    /// The signed reading that leads over the network's answer: the most serious one. That somebody could not read the
    /// image takes no malignant report back.
    ///
    /// - Parameter readings: Those that count, the newest signature first.
    public func leading(_ readings: [Reading]) -> Reading? {
        let reading = readings.mostSerious
        return reading?.label == .unreadable && reported?.isMalignant == true ? nil : reading
    }

    /// What the image comes to, signed readings and all. What is neither a class nor normal leaves it open; what a reader
    /// calls normal or reactive counts as the reassuring class does.
    public func led(by readings: [Reading]) -> Finding {
        guard let reading = leading(readings.counting) else { return self }
        return switch reading.label {
        case .smearClass(let read): Finding(decision: .report, label: read, confidence: confidence)
        case .normalBlood, .reactive: Finding(decision: .report, label: .benign, confidence: confidence)
        case .otherMalignancy, .otherFinding, .unreadable, .undecided:
            Finding(decision: .uncertain, label: label, confidence: confidence)
        }
    }
}
