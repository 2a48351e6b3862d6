/// What a screening comes to, in short.
public struct Finding: Sendable, Hashable {
    public let decision: Decision
    /// The most probable class; it is named to nobody unless it is `reported`.
    public let label: SmearClass
    /// 0 to 1.
    public let confidence: Double

    public init(decision: Decision, label: SmearClass, confidence: Double) {
        (self.decision, self.label, self.confidence) = (decision, label, confidence)
    }

    /// The class that the network names; nil where it names none.
    public var reported: SmearClass? { decision == .report ? label : nil }
}
