import Foundation

/// A file of towns, as `Scripts/places.py` writes it: UTF-8, a line a town, fields separated by tabs. The first line has
/// a mark, the version of the format and the number of towns; the others GeoNames' number, name, country (ISO 3166-1),
/// latitude, longitude (degrees), population, time zone (IANA), and other names separated by `|`.
public struct PlaceFile: Sendable {
    /// A town with its other names.
    public struct Town: Sendable, Equatable {
        public let place: Place
        public let names: [String]

        public init(place: Place, names: [String]) {
            self.place = place
            self.names = names
        }
    }

    static let mark = "leukoscope-places"
    static let version = 1

    /// How many towns the file says it has.
    public let count: Int
    private let url: URL

    /// - Throws: `ClinicError.notFound` where there is no such file, `.corrupt` where it is none of ours.
    public init(_ url: URL) throws {
        self.url = url
        let handle = try Self.open(url)
        defer { try? handle.close() }  // it was only read from: a failure to close loses nothing
        let head = try handle.read(upToCount: 256) ?? Data()
        let line = String(decoding: head.prefix { $0 != 0x0A }, as: UTF8.self).split(separator: "\t")
        guard line.count == 3, line[0] == Self.mark, let count = Int(line[2]), count > 0 else {
            throw ClinicError(.corrupt, "\(url.path) is no file of places: its first line is not “\(Self.mark) …”.")
        }
        guard line[1] == String(Self.version) else {
            throw ClinicError(
                .corrupt, "\(url.path) has version \(line[1]) of the format; this program reads \(Self.version).")
        }
        self.count = count
    }

    /// Hands on the towns in order, some thousand at a time.
    ///
    /// - Parameters:
    ///   - batch: Towns at a time.
    ///   - take: Given each batch.
    /// - Throws: `ClinicError.corrupt` with the line, also when there are fewer towns than the first line says; what
    ///   `take` throws.
    public func read(batch: Int, _ take: ([Town]) async throws -> Void) async throws {
        let handle = try Self.open(url)
        defer { try? handle.close() }  // it was only read from: a failure to close loses nothing
        var rest: [UInt8] = []
        var towns: [Town] = []
        var number = 0
        while true {
            let chunk = try handle.read(upToCount: 1 << 18) ?? Data()
            rest += chunk
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: 0x0A) {
                number += 1
                if number > 1 { towns.append(try town(rest[start..<end], line: number)) }
                start = end + 1
                if towns.count == batch {
                    try await take(towns)
                    towns = []
                }
            }
            rest = Array(rest[start...])
            if chunk.isEmpty { break }
        }
        guard rest.isEmpty, number == count + 1 else {
            throw ClinicError(
                .corrupt, "\(url.path) ends early: it has \(max(0, number - 1)) of \(count) places. Make it anew.")
        }
        if !towns.isEmpty { try await take(towns) }
    }

    private func town(_ bytes: ArraySlice<UInt8>, line: Int) throws -> Town {
        let fields = bytes.split(separator: 0x09, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.count == 8, let id = Int64(fields[0]), !fields[1].isEmpty, fields[2].utf8.count == 2,
            let latitude = Double(fields[3]), let longitude = Double(fields[4]), (-90...90).contains(latitude),
            (-180...180).contains(longitude), let population = Int64(fields[5])
        else { throw ClinicError(.corrupt, "Line \(line) of \(url.path) is no place.") }
        let place = Place(
            id: id, name: fields[1], countryCode: fields[2], latitude: latitude, longitude: longitude,
            population: population, timeZone: fields[6])
        return Town(place: place, names: fields[7].split(separator: "|").map(String.init))
    }

    private static func open(_ url: URL) throws -> FileHandle {
        do { return try FileHandle(forReadingFrom: url) } catch {
            throw ClinicError(.notFound, "\(url.path) cannot be read. Scripts/bootstrap.sh run makes it.")
        }
    }
}
