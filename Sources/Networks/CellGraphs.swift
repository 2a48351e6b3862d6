/// The two small networks that read cells. Both are plain: 3 × 3 convolutions with batch normalisation and ReLU.
public enum CellGraphs {
    /// Finds cells: optical densities of a smear at 16 pixels a red cell, `[3, height, width]`, to a heat map of their
    /// middles at a quarter of the side, before the sigmoid.
    ///
    /// A place of the map sees 47 × 47 pixels, three red cells.
    /// - Parameters:
    ///   - width: Channels after the first two convolutions.
    ///   - inputHeight: In pixels, a multiple of 4; the weights do not depend on it.
    ///   - inputWidth: Likewise.
    public static func finder(width: (Int, Int) = (16, 32), inputHeight: Int = 112, inputWidth: Int = 112) -> Graph {
        var network = GraphBuilder(
            name: "cells-find", inputSize: ImageSize(height: inputHeight, width: inputWidth), activation: .relu)
        network.convolution("stem", kernelSize: 3, stride: 2, outputChannels: width.0)
        network.convolution("stage1", kernelSize: 3, stride: 2, outputChannels: width.1)
        for stage in 2...6 {
            network.convolution("stage\(stage)", kernelSize: 3, stride: 1, outputChannels: width.1)
        }
        return network.heatMap()
    }

    /// Reads a cell: a crop of two planes, `[2, side, side]`, to one value an answer, before the sigmoid.
    /// - Parameters:
    ///   - answers: How many values leave it.
    ///   - widths: Channels of the six convolutions; the first, second, fourth and sixth halve the side.
    ///   - side: In pixels.
    public static func reader(answers: Int, widths: [Int] = readerWidths, side: Int = 64) -> Graph {
        var network = GraphBuilder(
            name: "cells-read", inputSize: ImageSize(height: side, width: side), activation: .relu, inputChannels: 2)
        for (index, width) in widths.enumerated() {
            network.convolution(
                index == 0 ? "stem" : "stage\(index)", kernelSize: 3, stride: [2, 2, 1, 2, 1, 2][index % 6],
                outputChannels: width)
        }
        return network.classify(classes: answers, dropoutRate: 0.1)
    }

    /// What `reader` takes unless told otherwise.
    public static let readerWidths = [12, 24, 24, 48, 48, 64]
}
