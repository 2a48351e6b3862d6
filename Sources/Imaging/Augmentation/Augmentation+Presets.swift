extension Augmentation {
    /// Leaves every image as it is.
    public static let none = Augmentation()

    /// For real smears: all orientations, and colour varied far beyond what laboratories differ by.
    public static var standard: Augmentation {
        var augmentation = Augmentation()
        augmentation.geometry = .allOrientations(rotationDegrees: 25, minimumScale: 0.85, maximumScale: 1.2)
        augmentation.stain.probability = 0.7
        augmentation.stain.gain = 0.35
        augmentation.stain.bias = 0.06
        augmentation.colour.probability = 0.7
        augmentation.colour.hueDegrees = 25
        augmentation.colour.saturation = 0.4
        augmentation.colour.value = 0.12
        augmentation.colour.channelGain = 0.12
        augmentation.colour.gamma = 0.25
        augmentation.colour.greyscale = 0.1
        augmentation.colour.channelMix = 0.12
        augmentation.colour.channelMixStrength = 0.6
        augmentation.light.probability = 0.5
        augmentation.light.brightness = 0.1
        augmentation.light.contrast = 0.2
        augmentation.focus.blur = 0.2
        augmentation.focus.blurDeviation = 1.5
        augmentation.focus.sharpen = 0.15
        augmentation.focus.sharpenAmount = 1
        augmentation.noise.probability = 0.25
        augmentation.noise.deviation = 0.04
        augmentation.compression.probability = 0.2
        augmentation.compression.minimumQuality = 40
        augmentation.compression.maximumQuality = 95
        augmentation.erasing.probability = 0.25
        augmentation.erasing.minimumArea = 0.01
        augmentation.erasing.maximumArea = 0.08
        return augmentation
    }

    /// For real smears of one laboratory: all orientations, colour varied as stains and lamps differ between slides.
    public static var moderate: Augmentation {
        var augmentation = standard
        augmentation.stain.probability = 0.5
        augmentation.stain.gain = 0.2
        augmentation.stain.bias = 0.03
        augmentation.colour.hueDegrees = 10
        augmentation.colour.saturation = 0.2
        augmentation.colour.value = 0.08
        augmentation.colour.channelGain = 0.06
        augmentation.colour.gamma = 0.15
        augmentation.colour.greyscale = 0
        augmentation.colour.channelMix = 0
        augmentation.focus.blur = 0.15
        augmentation.focus.blurDeviation = 1
        augmentation.noise.deviation = 0.02
        return augmentation
    }

    /// All orientations, little else: for data without a colour shortcut, such as drawn smears, and for fine-tuning.
    public static var light: Augmentation {
        var augmentation = Augmentation()
        augmentation.geometry = .allOrientations(rotationDegrees: 10, minimumScale: 0.95, maximumScale: 1.05)
        augmentation.colour.probability = 0.5
        augmentation.colour.hueDegrees = 8
        augmentation.colour.saturation = 0.15
        augmentation.colour.value = 0.05
        augmentation.colour.channelGain = 0.05
        augmentation.colour.gamma = 0.1
        augmentation.light.probability = 0.3
        augmentation.light.brightness = 0.05
        augmentation.light.contrast = 0.1
        return augmentation
    }
}

extension Augmentation.Geometry {
    /// The eight orientations equally often (a smear has no up), and a small affine map half of the time.
    static func allOrientations(rotationDegrees: Float, minimumScale: Float, maximumScale: Float) -> Self {
        var geometry = Self()
        geometry.horizontalFlip = 0.5
        geometry.verticalFlip = 0.5
        geometry.quarterTurn = 0.5
        geometry.affine = 0.5
        geometry.rotationDegrees = rotationDegrees
        geometry.minimumScale = minimumScale
        geometry.maximumScale = maximumScale
        geometry.shiftFraction = 0.06
        return geometry
    }
}
