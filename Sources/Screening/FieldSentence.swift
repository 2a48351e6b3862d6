import Findings
import Wording

extension ScreenedFields {
    /// How many were read and why the others were not; nil for an image that was seen whole.
    public func sentence(_ text: TextCatalogue) -> String? {
        guard isCut else { return nil }
        let read = text.counted("result.fields.read", read)
        guard refused > 0 else { return text("result.fields.all", ["read": read]) }
        let reasons = FieldFault.allCases.filter { skipped($0) > 0 }.map {
            text("result.fields.faults.\($0.rawValue)", ["count": String(skipped($0))])
        }
        return text(
            "result.fields.some",
            ["read": read, "count": String(refused), "reasons": reasons.joined(separator: ", ")])
    }
}
