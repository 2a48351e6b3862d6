extension Graph {
    /// A result inside the network that an explanation shows.
    public struct ShownStage: Sendable, Equatable {
        /// `early`, `middle` or `last`.
        public let name: String
        /// The node; in an ONNX file the result has this name, or `features` for the last one.
        public let node: String
        public let channels: Int
        public let height: Int
        public let width: Int
    }

    /// Up to three results to show: the deepest at a quarter of the input's side or more, the deepest at twice the side
    /// of the last feature map or more, and the last feature map.
    ///
    /// Taken are ends of stages after an addition, concatenation or activation, which folding of batch normalisation leaves
    /// alone.
    /// - Throws: `NetworkError` for a graph whose parts do not fit.
    public func shownStages(inputHeight: Int, inputWidth: Int) throws -> [ShownStage] {
        let shapes = try shapes(inputHeight: inputHeight, inputWidth: inputWidth)
        func shown(_ name: String, _ node: String) -> ShownStage? {
            guard let shape = shapes[node], shape.count == 3 else { return nil }
            return ShownStage(name: name, node: node, channels: shape[0], height: shape[1], width: shape[2])
        }
        guard let last = shown("last", outputs.featureMap) else { return [] }
        let ends = Dictionary(grouping: nodes, by: \.stage).sorted { $0.key < $1.key }.compactMap(\.value.last)
        let candidates = ends.filter(\.isUntouchedByFolding).compactMap { shown("", $0.name) }
            .filter { $0.node != last.node }
        let early = candidates.last { $0.height * 4 >= inputHeight && $0.width * 4 >= inputWidth }
        let middle = candidates.last { $0.height >= 2 * last.height && $0.width >= 2 * last.width }
        var found = [early.flatMap { shown("early", $0.node) }].compactMap(\.self)
        if let middle, middle.node != early?.node { found += [shown("middle", middle.node)].compactMap(\.self) }
        return found + [last]
    }
}

extension Node {
    fileprivate var isUntouchedByFolding: Bool {
        switch operation {
        case .add, .concatenate, .relu, .relu6, .sigmoid, .silu: true
        default: false
        }
    }
}
