import Foundation
import Tensors

extension Tensor {
    /// A computed image `[1, 3, side, side]`, as in `Scripts/golden_networks.py`.
    static func testImage(side: Int) -> Tensor {
        var values: [Float] = []
        for channel in 0..<3 {
            for y in 0..<side {
                for x in 0..<side {
                    let wave = sin(0.05 * Double(x) + 0.02 * Double(y) * Double(channel + 1))
                    values.append(Float(wave + cos(0.11 * Double(y) - Double(channel))))
                }
            }
        }
        return Tensor(shape: [1, 3, side, side], values: values)
    }
}
