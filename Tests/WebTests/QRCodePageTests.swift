import Clinic
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// The picture of a second factor's key. Its squares are read from the page and compared with what ISO/IEC 18004 lays down for every
/// code; what the squares say is read by a telephone.
@Suite struct QRCodePageTests {
    /// The dark squares of a page's picture, without the margin, row by row.
    private static func squares(_ page: String) throws -> [[Bool]] {
        let picture = try #require(page.firstMatch(of: /<svg viewBox="0 0 (\d+) \d+"[^>]*aria-label="QR code/))
        let side = try #require(Int(picture.output.1))
        let path = try #require(page.firstMatch(of: /<path d="((?:M\d+ \d+h\d+v1h-\d+z)+)" fill="#000"/)).output.1
        var rows = Array(repeating: Array(repeating: false, count: side), count: side)
        for run in path.matches(of: /M(\d+) (\d+)h(\d+)v1h-(\d+)z/) {
            let (x, y, width) = (
                try #require(Int(run.output.1)), try #require(Int(run.output.2)), try #require(Int(run.output.3))
            )
            #expect(run.output.3 == run.output.4)
            try #require(y < side && x + width <= side)
            for column in x..<(x + width) { rows[y][column] = true }
        }
        let margin = 4
        for (y, row) in rows.enumerated() {
            for (x, isDark) in row.enumerated() where isDark {
                #expect(min(x, y) >= margin && max(x, y) < side - margin, "a dark square in the margin")
            }
        }
        return rows[margin..<(side - margin)].map { Array($0[margin..<(side - margin)]) }
    }

    private static let finder = [
        "1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111",
    ].map { $0.map { $0 == "1" } }

    @Test func `the page of a new factor shows its link as a code, another one for each key`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
            var codes: [[[Bool]]] = []
            for _ in 0..<2 {
                let page = try await browser.post("/account/totp/offer", [("password", TestPeople.password)]).text
                #expect(page.contains("secret=") && page.contains("scan this picture"))
                codes.append(try Self.squares(page))
            }
            #expect(codes[0] != codes[1])
            for code in codes {
                let width = code.count
                #expect(width >= 21 && (width - 17).isMultiple(of: 4))
                // A link of some hundred bytes at level M needs version 5 or more: 37 squares.
                #expect(width >= 37)
                for (left, top) in [(0, 0), (width - 7, 0), (0, width - 7)] {
                    let corner = code[top..<(top + 7)].map { Array($0[left..<(left + 7)]) }
                    #expect(corner == Self.finder, "no finder at \(left), \(top)")
                }
                for place in 8..<(width - 8) {
                    #expect(code[6][place] == place.isMultiple(of: 2) && code[place][6] == place.isMultiple(of: 2))
                }
                #expect(code[width - 8][8], "the square that is always dark")
                // Format: two bits of the level, M being 00, masked with 10101 0000010010 (7.9.1).
                #expect(code[8][0] == true && code[8][1] == false)
            }
        }
    }
}
