import Clinic
import Foundation
import Store
import Testing

@Suite struct PlaceSearchTests {
    private static let places: [Place] = [
        ("Bengaluru", "IN", 12.97, 77.59, 8_443_675), ("Mumbai", "IN", 19.07, 72.88, 12_691_836),
        ("Hyderābād", "IN", 17.38, 78.46, 6_993_262), ("São Paulo", "BR", -23.55, -46.64, 12_400_232),
        ("München", "DE", 48.14, 11.58, 1_260_391), ("Moscow", "RU", 55.75, 37.62, 10_381_222),
        ("Suva", "FJ", -18.14, 178.44, 77_366), ("Apia", "WS", -13.83, -171.77, 40_407),
        ("Longyearbyen", "SJ", 78.22, 15.64, 2_060), ("Hyderabad", "PK", 25.39, 68.37, 1_386_330),
        ("Bangor", "GB", 53.23, -4.13, 17_988), ("Alert", "CA", 82.5, -62.35, 60),
    ].enumerated().map { index, place in
        Place(
            id: Int64(index + 1), name: place.0, countryCode: place.1, latitude: place.2, longitude: place.3,
            population: Int64(place.4), timeZone: "Etc/UTC")
    }

    private static let names: [(Int64, String)] = [
        (1, "Bangalore"), (1, "ಬೆಂಗಳೂರು"), (1, "बेंगलुरु"), (1, "BENGALURU"), (2, "Bombay"), (2, "मुंबई"), (2, "بومباي"),
        (3, "హైదరాబాద్"), (5, "Munich"), (5, "Monaco di Baviera"), (6, "Москва"), (6, "Moskva"),
        (6, "The very long name of a city that goes on and on beyond what anybody types"),
    ]

    private func fill(_ database: any MaintainedDatabase) async throws {
        try await database.write { transaction throws in
            try transaction.insert(Self.places)
            try transaction.insert(placeNames: Self.names.map { PlaceName(placeID: $0.0, name: $0.1) })
            // The same once more adds nothing.
            try transaction.insert(placeNames: Self.names.map { PlaceName(placeID: $0.0, name: $0.1) })
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a place is found by any of its names, in any script, and when it is misspelt`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await fill(database)
            let expected: [(String, [String])] = [
                ("bangalor", ["Bengaluru", "Bangor"]), ("Bangalroe", ["Bengaluru"]), ("Bengalooru", ["Bengaluru"]),
                ("Hyderbad", ["Hyderābād", "Hyderabad"]), ("hyderabad", ["Hyderābād", "Hyderabad"]),
                ("Sao Paolo", ["São Paulo"]), ("Munchen", ["München"]), ("Minchen", ["München"]),
                ("Munihc", ["München"]),
                ("Bombay", ["Mumbai"]), ("Bombai", ["Mumbai"]), ("mumbia", ["Mumbai"]), ("मुंब", ["Mumbai"]),
                ("بومباي", ["Mumbai"]), ("москв", ["Moscow"]), ("ಬೆಂಗ", ["Bengaluru"]), ("monaco di", ["München"]),
                ("the very long name of a city that goes on and on beyond what", ["Moscow"]),
                ("suv", ["Suva"]), ("syv", []), ("suvaa", ["Suva"]), ("b", ["Mumbai", "Bengaluru", "Bangor"]),
                ("bang", ["Bengaluru", "Bangor"]), ("qqqqqq", []), ("москвв", []), ("", []), ("%", []),
            ]
            try await database.read { transaction throws in
                for (written, names) in expected {
                    #expect(try transaction.places(matching: written, limit: 5).map(\.name) == names, "\(written)")
                }
                #expect(try transaction.places(matching: "b", limit: 1) == [Self.places[1]])
                #expect(try transaction.places(matching: "b", limit: 0).isEmpty)
                // As it is written comes before what is larger and only nearly so.
                #expect(try transaction.places(matching: "bangor", limit: 5).first?.name == "Bangor")
            }
            let error = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.insert(placeNames: [PlaceName(placeID: 999, name: "Nowhere")]) }
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `of many names that begin so, the most populous places come first and each once`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let places = (1...1500).map { number in
                Place(
                    id: Int64(number), name: "Santa \(number)", countryCode: "XX", latitude: 0, longitude: 0,
                    population: Int64(number * 7919 % 1499))
            }
            try await database.write { transaction throws in
                try transaction.insert(places)
                try transaction.insert(
                    placeNames: places.flatMap {
                        [PlaceName(placeID: $0.id, name: "\($0.name) Maria"), PlaceName(placeID: $0.id, name: "San")]
                    })
            }
            let found = try await database.read { try $0.places(matching: "sant", limit: 20) }
            #expect(found.map(\.population) == places.map(\.population).sorted(by: >).prefix(20).map { $0 })
            #expect(Set(found.map(\.id)).count == 20)
            let all = try await database.read { try $0.places(matching: "sa", limit: 1600) }
            #expect(all.count == 1500 && Set(all.map(\.id)).count == 1500)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `every name within the edits is found`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            var generator = SeededGenerator(state: 11)
            let alphabet = Array("abcdeinorst ")
            func word() -> String {
                // No space at either end, as folded names have none.
                let inside = (0..<Int.random(in: 2...10, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "a"
                }
                return "b" + String(inside) + "e"
            }
            let places = (1...300).map {
                Place(
                    id: Int64($0), name: word(), countryCode: "XX", latitude: 0, longitude: 0, population: Int64($0))
            }
            try await database.write { try $0.insert(places) }
            @Sendable func folded(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }
            var questions: [String] = []
            for place in places.prefix(150) {
                var letters = Array(place.name)
                for _ in 0..<Int.random(in: 1...2, using: &generator) {
                    let at = Int.random(in: 0..<letters.count - 1, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: letters.remove(at: at)
                    case 1: letters.insert("x", at: at)
                    case 2: letters[at] = "q"
                    default: letters.swapAt(at, at + 1)
                    }
                }
                questions.append(folded(String(letters)))
            }
            try await database.read { [questions] transaction throws in
                for question in questions {
                    let limit = PlaceSpelling.allowedEdits(letters: question.count)
                    let expected = places.filter { place in
                        let name = folded(place.name)
                        return name.hasPrefix(question)
                            || (limit > 0
                                && PlaceSpelling.distance(Array(question.utf8), Array(name.utf8), limit: limit) != nil)
                    }
                    let found = try transaction.places(matching: question, limit: 300)
                    #expect(Set(found.map(\.id)) == Set(expected.map(\.id)), "\(question)")
                }
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the nearest places are those of the whole list, also at the date line and the poles`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await fill(database)
            var generator = SeededGenerator(state: 3)
            var points = [(0.0, 180.0), (-16, -180), (-16, 179.99), (90, 0), (-90, 0), (89.9, 170), (12.97, 77.59)]
            for _ in 0..<60 {
                points.append((.random(in: -90...90, using: &generator), .random(in: -180...180, using: &generator)))
            }
            try await database.read { [points] transaction throws in
                for point in points.map({ GeoPosition(latitude: $0.0, longitude: $0.1) }) {
                    let expected = Self.places.map { place in
                        (place, point.distance(to: GeoPosition(latitude: place.latitude, longitude: place.longitude)))
                    }.sorted { $0.1 < $1.1 }.prefix(3).map(\.0.name)
                    #expect(try transaction.places(near: point, limit: 3).map(\.name) == expected, "\(point)")
                }
                #expect(try transaction.places(near: .bengaluru, limit: 99).count == Self.places.count)
                #expect(try transaction.places(near: .bengaluru, limit: 0).isEmpty)
            }
        }
    }
}
