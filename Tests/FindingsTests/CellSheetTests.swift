import Findings
import Foundation
import Testing

@Suite struct CellSheetTests {
    @Test func `every cell has a place of its own inside its sheet`() {
        let cells = 600
        var seen: Set<String> = []
        for number in 1...cells {
            let place = CellSheet.place(of: number)
            let size = CellSheet.size(of: place.sheet, cells: cells)
            #expect(place.x + CellSheet.tileSide <= size.width && place.y + CellSheet.tileSide <= size.height)
            #expect(seen.insert("\(place.sheet) \(place.x) \(place.y)").inserted)
        }
        #expect(
            CellSheet.count(cells: cells) == 3 && CellSheet.count(cells: 0) == 0 && CellSheet.count(cells: 256) == 1)
        #expect(CellSheet.size(of: 2, cells: cells) == (1280, 480))
        #expect(CellSheet.size(of: 0, cells: 3) == (240, 80))
    }

    @Test func `an embedding round-trips as text and as JSON`() throws {
        let embedding = CellEmbedding([0, 1, -1, 0.5, -7, .nan])
        #expect(embedding.values == [0, 127, -127, 64, -127, 0])
        #expect(CellEmbedding(text: embedding.text) == embedding)
        #expect(try JSONDecoder().decode([CellEmbedding].self, from: JSONEncoder().encode([embedding])) == [embedding])
        #expect(CellEmbedding(text: "no base64!") == nil)
        #expect(CellEmbedding([1]).adding([-1, 0.5]) == CellEmbedding([1, -1, 0.5]))
    }

    @Test func `similarity is the cosine, and none between models`() {
        let first = CellEmbedding([1, 0])
        #expect(first.similarity(to: CellEmbedding([0.5, 0])) == 1)
        #expect(first.similarity(to: CellEmbedding([0, 1])) == 0)
        #expect(first.similarity(to: CellEmbedding([-1, 0])) == -1)
        #expect(abs(first.similarity(to: CellEmbedding([1, 1])) - 0.5.squareRoot()) < 1e-9)
        #expect(first.similarity(to: CellEmbedding([1])) == 0 && first.similarity(to: CellEmbedding([0, 0])) == 0)
    }
}
