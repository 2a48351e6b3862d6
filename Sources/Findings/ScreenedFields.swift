/// Why a field of an image, or an image that is one field, was left out.
public enum FieldFault: String, Codable, Sendable, CaseIterable {
    /// Too little light.
    case dark
    /// Stain or cells over each other nearly everywhere.
    case thick
    /// No white cell, or nothing at all.
    case empty
    /// Out of focus.
    case blurred
    /// Unlike the images of training.
    case novel

    /// The one that is told where there are several: what is dark or covered has no sharpness, what is empty none either.
    public static func foremost(of faults: some Sequence<FieldFault>) -> FieldFault? {
        let found = Set(faults)
        return allCases.first(where: found.contains)
    }
}

/// Which parts of an image the field network read, and why it left out the others. An image that is seen whole is one field.
public struct ScreenedFields: Codable, Sendable, Equatable {
    /// A part of the image, in pixels of the upright original from the left and the top.
    public struct Field: Sendable, Equatable {
        public let x: Int
        public let y: Int
        public let width: Int
        public let height: Int
        /// Nil for a field that was read.
        public let fault: FieldFault?

        public init(x: Int, y: Int, width: Int, height: Int, fault: FieldFault?) {
            (self.x, self.y, self.width, self.height, self.fault) = (x, y, width, height, fault)
        }
    }

    /// Row by row; they may overlap.
    public let all: [Field]

    public init(_ all: [Field]) { self.all = all }

    /// Those of an image that was seen whole.
    public init(whole width: Int, _ height: Int, fault: FieldFault?) {
        all = [Field(x: 0, y: 0, width: width, height: height, fault: fault)]
    }

    /// Whether the image was cut.
    public var isCut: Bool { all.count > 1 }
    public var read: Int { all.count { $0.fault == nil } }
    public var refused: Int { all.count - read }

    /// How many were left out for that.
    public func skipped(_ fault: FieldFault) -> Int { all.count { $0.fault == fault } }
}

extension ScreenedFields.Field: Codable {
    /// `[x, y, width, height]`, then the fault if there is one: there may be hundreds in a stored answer.
    public init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        x = try values.decode(Int.self)
        y = try values.decode(Int.self)
        width = try values.decode(Int.self)
        height = try values.decode(Int.self)
        fault = values.isAtEnd ? nil : try values.decode(FieldFault.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        for value in [x, y, width, height] { try values.encode(value) }
        if let fault { try values.encode(fault) }
    }
}
