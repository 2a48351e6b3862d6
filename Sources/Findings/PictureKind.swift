/// Every picture that goes with a screening: the stored image, and those of its album.
///
/// A picture is stored and served under the name of its kind alone, so that none can be added without saying here whether
/// it tells what the network answered.
public enum PictureKind: Hashable, Sendable {
    /// The stored image itself; it lies with the images and not in the album.
    case original
    /// The image for display, and small.
    case display, thumbnail
    /// The outlines of the cells, which are found without the network.
    case cells
    /// Crops of the cells that the reader of cells found, from 0; in an order that tells no type (`CellSheet`).
    case cellSheet(Int)
    /// The image after a preprocessing step, from 0.
    case step(Int)
    /// Feature maps of a layer of the network, from 0.
    case stage(Int)
    /// The class-activation map, small and grey: pages colour it and lay it over the image.
    case map
    /// The map over the image, made of both when it is asked for. Screenings from before `map` was kept have it as a file, and
    /// the map in colour alone.
    case overlay, heat

    /// Whether who sees it knows something of the network's answer: of the layers too, since the maps of the last one are
    /// what the heat map is made of.
    public var reveals: Bool {
        switch self {
        case .original, .display, .thumbnail, .cells, .cellSheet, .step: false
        case .stage, .map, .overlay, .heat: true
        }
    }

    /// The file's name, in the archive and in addresses.
    public var name: String {
        switch self {
        case .original: "original"
        case .display: "display.jpg"
        case .thumbnail: "thumbnail.jpg"
        case .cells: "cells.jpg"
        case .cellSheet(let number): "cell-sheet-\(number).jpg"
        case .step(let number): "step-\(number).jpg"
        case .stage(let number): "stage-\(number).png"
        case .map: "map.png"
        case .overlay: "overlay.png"
        case .heat: "heat.png"
        }
    }

    /// The kind of that name; nil for a name that no picture has.
    public init?(name: String) {
        let number = name.split(separator: "-").last.flatMap { Int($0.prefix { $0 != "." }) } ?? 0
        guard let kind = Self.kinds(numbered: number).first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    /// One of each kind, those of which there are several with this number.
    public static func kinds(numbered number: Int = 0) -> [PictureKind] {
        [
            .original, .display, .thumbnail, .cells, .cellSheet(number), .step(number), .stage(number), .map, .overlay,
            .heat,
        ]
    }
}
