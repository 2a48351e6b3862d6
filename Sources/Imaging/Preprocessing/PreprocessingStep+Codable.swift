extension PreprocessingStep: Codable {
    private enum Key: String, CodingKey {
        case step, strength, method, clipLimit, tiles, widthFraction, heightFraction, red, green, blue, width, height
        case mean, deviation, stains, maximumConcentrations
    }

    private enum StainMethod: String, Codable {
        case reinhard, macenko
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        switch try values.decode(Kind.self, forKey: .step) {
        case .denoise:
            self = .denoise(
                strength: try values.decode(Double.self, forKey: .strength),
                method: try values.decodeIfPresent(Denoising.self, forKey: .method) ?? .bilateral)
        case .contrast:
            self = .contrast(
                clipLimit: try values.decode(Double.self, forKey: .clipLimit),
                tiles: try values.decode(Int.self, forKey: .tiles))
        case .stainNormalization: self = .stainNormalization(try Self.stainNormalization(from: values))
        case .maskCorner:
            self = .maskCorner(
                widthFraction: try values.decode(Double.self, forKey: .widthFraction),
                heightFraction: try values.decode(Double.self, forKey: .heightFraction),
                red: try values.decode(UInt8.self, forKey: .red), green: try values.decode(UInt8.self, forKey: .green),
                blue: try values.decode(UInt8.self, forKey: .blue))
        case .resize:
            self = .resize(
                width: try values.decode(Int.self, forKey: .width), height: try values.decode(Int.self, forKey: .height)
            )
        case .normalize:
            self = .normalize(
                mean: try values.decode([Float].self, forKey: .mean),
                deviation: try values.decode([Float].self, forKey: .deviation))
        }
        try validate()
    }

    private static func stainNormalization(from values: KeyedDecodingContainer<Key>) throws -> StainNormalization {
        switch try values.decode(StainMethod.self, forKey: .method) {
        case .reinhard:
            .reinhard(
                mean: try values.decode([Double].self, forKey: .mean),
                deviation: try values.decode([Double].self, forKey: .deviation))
        case .macenko:
            .macenko(
                stains: try values.decode([[Double]].self, forKey: .stains),
                maximumConcentrations: try values.decode([Double].self, forKey: .maximumConcentrations))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(kind, forKey: .step)
        switch self {
        case .denoise(let strength, let method):
            try values.encode(strength, forKey: .strength)
            try values.encode(method, forKey: .method)
        case .contrast(let clipLimit, let tiles):
            try values.encode(clipLimit, forKey: .clipLimit)
            try values.encode(tiles, forKey: .tiles)
        case .stainNormalization(let method): try Self.encode(method, into: &values)
        case .maskCorner(let widthFraction, let heightFraction, let red, let green, let blue):
            try values.encode(widthFraction, forKey: .widthFraction)
            try values.encode(heightFraction, forKey: .heightFraction)
            try values.encode(red, forKey: .red)
            try values.encode(green, forKey: .green)
            try values.encode(blue, forKey: .blue)
        case .resize(let width, let height):
            try values.encode(width, forKey: .width)
            try values.encode(height, forKey: .height)
        case .normalize(let mean, let deviation):
            try values.encode(mean, forKey: .mean)
            try values.encode(deviation, forKey: .deviation)
        }
    }

    private static func encode(_ method: StainNormalization, into values: inout KeyedEncodingContainer<Key>) throws {
        switch method {
        case .reinhard(let mean, let deviation):
            try values.encode(StainMethod.reinhard, forKey: .method)
            try values.encode(mean, forKey: .mean)
            try values.encode(deviation, forKey: .deviation)
        case .macenko(let stains, let maximumConcentrations):
            try values.encode(StainMethod.macenko, forKey: .method)
            try values.encode(stains, forKey: .stains)
            try values.encode(maximumConcentrations, forKey: .maximumConcentrations)
        }
    }
}
