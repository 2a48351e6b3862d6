import Imaging

/// Codes of an autoencoder that saw no label, summed up over their places and read by a regularised extreme learning machine.
public struct AutoencoderMachine: ComparedMethod {
    struct Settings: Codable, Sendable {
        var autoencoder = Autoencoder.Settings()
        var machine = ExtremeLearningMachine.Settings()
    }

    public let name = "autoencoder-relm"
    private let settings: Settings

    /// - Parameters:
    ///   - side: The side of the images that the autoencoder sees, in pixels, a multiple of 16.
    ///   - epochs: How long the autoencoder trains.
    ///   - nodes: Hidden nodes of the machine.
    public init(side: Int = 128, epochs: Int = 15, nodes: Int = 1000) {
        settings = Settings(autoencoder: .init(side: side, epochs: epochs), machine: .init(nodes: nodes))
    }

    public func settingsJSON() throws -> String { try encoded(settings) }

    public func fit(
        _ training: LearningPart, validation: LearningPart, classes: Int, seed: UInt64,
        progress: (String) throws -> Void
    ) throws -> any FittedMethod {
        let autoencoder = try Autoencoder(settings: settings.autoencoder, seed: seed)
        let images = try training.map(autoencoder.prepared)
        try autoencoder.learn(images, seed: seed, progress: progress)
        try progress("extreme learning machine")
        let machine = try ExtremeLearningMachine(
            rows: autoencoder.summaries(images), labels: training.labels,
            validation: (autoencoder.summaries(validation.map(autoencoder.prepared)), validation.labels),
            classes: classes,
            settings: settings.machine, seed: seed)
        return Fitted(autoencoder: autoencoder, machine: machine)
    }

    private struct Fitted: FittedMethod {
        let autoencoder: Autoencoder
        let machine: ExtremeLearningMachine

        var parameterCount: Int { autoencoder.encoderParameterCount + machine.parameterCount }
        var chosen: [String: Double] {
            var chosen = ["cost": machine.cost]
            chosen["reconstructionLoss"] = autoencoder.losses.last
            return chosen
        }

        func logits(_ photograph: RGBImage) throws -> [Double] {
            try machine.scores(autoencoder.summaries([autoencoder.prepared(photograph)]))[0]
        }
    }
}
