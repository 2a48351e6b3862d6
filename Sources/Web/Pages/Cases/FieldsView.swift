import Findings
import Wording

/// The fields of an image that was cut, over its picture: read ones with a solid line, those left out with a dashed one.
struct FieldsView: Sendable {
    struct Rectangle: Sendable {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        let isRead: Bool
        /// Whether it was read, or why not.
        let title: String
    }

    /// Of the image, in the pixels of `rectangles`.
    let width: Int
    let height: Int
    let rectangles: [Rectangle]

    /// - Returns: Nil for an image that was seen whole, and for an answer from before images were cut.
    init?(_ outcome: ScreeningOutcome, text: TextCatalogue) {
        guard let fields = outcome.fields, fields.isCut else { return nil }
        (width, height) = (outcome.image.width, outcome.image.height)
        rectangles = fields.all.map { field in
            Rectangle(
                x: field.x, y: field.y, width: field.width, height: field.height, isRead: field.fault == nil,
                title: field.fault.map { text("result.fields.fault.\($0.rawValue)") } ?? text("result.fields.isRead"))
        }
    }
}
