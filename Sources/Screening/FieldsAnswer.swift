import Findings
import Imaging

/// What came of the fields of one image.
struct FieldsAnswer: Sendable {
    /// A field that the network was asked about.
    struct Field: Sendable {
        /// In the plan.
        let place: Int
        let vote: FieldVote
        let novelty: Novelty
        let quality: ImageQuality
        /// Why it does not count; nil where it does.
        let fault: FieldFault?
        /// How it was turned before the network saw it.
        let turn: SquareTurn
        /// Where the evidence for each class lies in the turned field (`ClassActivationMap.evidence`).
        let maps: [[Float]]
    }

    let plan: FieldPlan
    /// One a field of the plan; nil for those that were read.
    let faults: [FieldFault?]
    /// Those that were good enough to be asked about.
    let judged: [Field]

    /// Those that were read.
    var read: [Field] { judged.filter { $0.fault == nil } }

    /// Those that the answer is made of. Where all were unlike the images of training, it is made of them and refused.
    private var counted: [Field] { read.isEmpty ? judged : read }

    /// One answer of all fields; nil where none could be asked.
    var combined: (probabilities: ClassProbabilities, novelty: Novelty, quality: ImageQuality)? {
        guard let novelty else { return nil }
        return (ClassProbabilities(of: counted.map(\.vote)), novelty, .median(of: counted.map(\.quality)))
    }

    /// The usual novelty of those that are the most: of the refused fields where they are more than half, else of those read.
    private var novelty: Novelty? {
        let refused = judged.filter { $0.fault != nil }
        let most = (2 * refused.count > judged.count ? refused : read).map(\.novelty).sorted { $0.score < $1.score }
        return most.isEmpty ? nil : most[(most.count - 1) / 2]
    }

    var facts: FieldFacts {
        FieldFacts(
            all: faults.count, judged: judged.count, read: read.count,
            malignant: read.count { $0.vote.probabilities.mostProbable.isMalignant })
    }

    /// The field that says most clearly what the answer says, in the plan; nil where none was read.
    func leading(_ label: SmearClass) -> Int? {
        read.max { $0.vote.probabilities[label] < $1.vote.probabilities[label] }?.place
    }

    /// Where the fields lie in the original.
    /// - Parameter reduction: How many pixels of the original one pixel of the image is wide.
    func screened(reduction: Double) -> ScreenedFields {
        ScreenedFields(
            zip(plan.fields, faults).map { field, fault in
                let place = plan.rectangle(of: field)
                func pixels(_ value: Double) -> Int { Int((value * reduction).rounded()) }
                return ScreenedFields.Field(
                    x: pixels(place.x), y: pixels(place.y), width: pixels(place.width), height: pixels(place.height),
                    fault: fault)
            })
    }
}
