/// How two images show the same field of view, so that a case counts them once.
public enum FieldRelation: String, Sendable, Codable, CaseIterable {
    /// The same file.
    case identical
    /// The same picture, turned, scaled or compressed in another way.
    case near
    /// Pictures that share a part of the field.
    case overlapping
}
