import Findings
import Imaging
import Packaging

/// The maps of all fields of an image, laid at their places: one map of the whole picture, on one scale. Each place is shown by
/// the field that answers for it; where none was read there is nothing.
struct FieldHeatMap {
    /// Pixels of the resized image that one value of the map stands for.
    private static let step = 8

    /// `[height, width]`, 0 to 1.
    let values: [Float]
    let width: Int
    let height: Int

    /// - Parameters:
    ///   - answer: The fields.
    ///   - label: The class whose evidence is shown.
    ///   - mapWidth: Of a field's map, in cells.
    ///   - mapHeight: Likewise.
    init(_ answer: FieldsAnswer, label: SmearClass, mapWidth: Int, mapHeight: Int) {
        let plan = answer.plan
        width = max(1, plan.resizedWidth / Self.step)
        height = max(1, plan.resizedHeight / Self.step)
        let fields = Dictionary(uniqueKeysWithValues: answer.read.map { ($0.place, $0) })
        var raw = [Float](repeating: 0, count: width * height)
        let (pixelsAcross, pixelsDown) = (
            Double(plan.resizedWidth) / Double(width), Double(plan.resizedHeight) / Double(height)
        )
        for row in 0..<height {
            for column in 0..<width {
                let (x, y) = ((Double(column) + 0.5) * pixelsAcross, (Double(row) + 0.5) * pixelsDown)
                let place = plan.field(
                    atX: x * Double(plan.width) / Double(plan.resizedWidth),
                    y: y * Double(plan.height) / Double(plan.resizedHeight))
                guard let field = fields[place] else { continue }
                let rectangle = plan.fields[place]
                let turned = field.turn.place(
                    x: (x - Double(rectangle.x)) / Double(rectangle.width),
                    y: (y - Double(rectangle.y)) / Double(rectangle.height))
                raw[row * width + column] = Self.value(
                    field.maps[label.index], width: mapWidth, height: mapHeight, x: turned.x, y: turned.y)
            }
        }
        values = ClassActivationMap.scaled(raw)
    }

    /// Between the middles of the four cells around a place, given as shares of the map's sides.
    private static func value(_ map: [Float], width: Int, height: Int, x: Double, y: Double) -> Float {
        func around(_ share: Double, _ length: Int) -> (low: Int, high: Int, part: Float) {
            let place = min(Double(length - 1), max(0, share * Double(length) - 0.5))
            let low = Int(place)
            return (low, min(length - 1, low + 1), Float(place - Double(low)))
        }
        let (across, down) = (around(x, width), around(y, height))
        func between(_ row: Int) -> Float {
            let (left, right) = (map[row * width + across.low], map[row * width + across.high])
            return left + (right - left) * across.part
        }
        let (upper, lower) = (between(down.low), between(down.high))
        return upper + (lower - upper) * down.part
    }
}
