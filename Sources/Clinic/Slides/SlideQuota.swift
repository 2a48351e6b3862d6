/// How much the files of whole slides that are sent may take.
public struct SlideQuota: Sendable, Equatable {
    /// Bytes of one file.
    public var fileBytes: Int
    /// Bytes of one person's files.
    public var accountBytes: Int
    /// Bytes of all files.
    public var allBytes: Int
    /// Files of one person of which parts are still to come.
    public var unfinished: Int

    public init(
        fileBytes: Int = 4_000_000_000, accountBytes: Int = 20_000_000_000, allBytes: Int = 200_000_000_000,
        unfinished: Int = 5
    ) {
        (self.fileBytes, self.accountBytes, self.allBytes) = (fileBytes, accountBytes, allBytes)
        self.unfinished = unfinished
    }

    /// - Throws: `ClinicError.quotaExceeded`, and what the database throws.
    func check(adding bytes: Int, for owner: UserID, in transaction: any SlideRows) throws {
        let usage = try transaction.slideUsage(of: owner)
        guard usage.unfinished < unfinished else {
            throw ClinicError(.quotaExceeded, "errors.slides.unfinished", ["count": usage.unfinished])
        }
        guard usage.own + bytes <= accountBytes else {
            throw ClinicError(
                .quotaExceeded, "errors.slides.account",
                ["used": Self.gigabytes(usage.own), "allowed": Self.gigabytes(accountBytes)])
        }
        guard usage.all + bytes <= allBytes else {
            throw ClinicError(.quotaExceeded, "errors.slides.all", ["allowed": Self.gigabytes(allBytes)])
        }
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) GB"
    }
}

/// The formats of slides that are taken, by the end of the file's name; what a file is, OpenSlide finds out.
public enum SlideFormat: String, Sendable, CaseIterable {
    case svs, ndpi, scn, bif, tif, tiff
    /// An MRXS slide with its folder, packed.
    case zip

    /// - Parameter name: A file's name.
    public init?(_ name: String) {
        guard let end = name.split(separator: ".", omittingEmptySubsequences: false).last, name.contains(".") else {
            return nil
        }
        self.init(rawValue: end.lowercased())
    }
}
