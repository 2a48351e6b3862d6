import Clinic
import Findings
import Imaging
import Offloading

/// The heat map of a stored screening, in both of its forms, whichever version stored it.
struct StoredHeatMap {
    /// How much of the image is covered where the evidence is greatest.
    private static let opacity = 0.65
    /// Bytes a pixel that `HeatmapOverlay.render` holds at its height, beside the picture: values, levels, colours and result.
    private static let drawingBytes = 14

    let found: ReadableScreening
    let archive: any ImageArchive

    /// - Parameters:
    ///   - found: The screening.
    ///   - archive: Holds its pictures.
    init(of found: ReadableScreening, in archive: any ImageArchive) { (self.found, self.archive) = (found, archive) }

    /// The map as a small grey PNG file.
    ///
    /// - Throws: `ClinicError.notFound` for a rejected image, `.storage`; `ImagingError`.
    func map() async throws -> [UInt8] {
        guard try await isInColor else { return try await archive.file(.map, of: found) }
        let colored = try await archive.file(.heat, of: found)
        return try await decoding(colored) { try HeatMap(coloredPNG: colored).png() }
    }

    /// The map over the image as a PNG file of the size of the picture for display.
    ///
    /// - Throws: As `map()`.
    func overlay() async throws -> [UInt8] {
        guard try await !isInColor else { return try await archive.file(.overlay, of: found) }
        let map = try await archive.file(.map, of: found)
        let display = try await archive.file(.display, of: found)
        return try await decoding(display) {
            let (heat, picture) = (try HeatMap(png: map), try ImageDecoder.decode(display, limits: Self.limits))
            return try ImageEncoder.png(
                HeatmapOverlay.render(
                    map: heat.values, mapWidth: heat.width, mapHeight: heat.height, over: picture,
                    opacity: Self.opacity), level: 3)
        }
    }

    /// Whether the screening is from before the small map was kept. The folder says so: a file that is asked for and is not there
    /// counts as lost.
    private var isInColor: Bool {
        get async throws {
            let id = found.screening.id
            let keys = try await archive.keys(under: ArchiveKey.pictures(of: id))
            return keys.contains(ArchiveKey.picture(.heat, of: id))
                && !keys.contains(ArchiveKey.picture(.map, of: id))
        }
    }

    /// A picture for display may be narrower than what is taken in: that of a long strip.
    private static let limits = ImageLimits(minimumSide: 1)

    /// Works off the cooperative pool, when there is room for the pixels.
    private func decoding(
        _ file: [UInt8], _ work: @escaping @Sendable () throws -> [UInt8]
    ) async throws -> [UInt8] {
        let offloading = Offloading.process
        let cost = try await offloading.compute {
            let header = try ImageDecoder.inspect(file)
            return try ImageDecoder.cost(of: file, limits: Self.limits)
                + header.width * header.height * Self.drawingBytes
        }
        return try await offloading.holding(decodedBytes: cost) { try await offloading.compute(work) }
    }
}
