import Clinic
import Crypto
import Datasets
import Findings
import Formats
import Foundation

/// Writes chosen readings as a labelled set: `images/<class folder>/<pseudonym>.png`, `manifest.csv` and `left-out.csv`, and the
/// cells that readers stand for as a collection of single cells (`CellExport`).
struct ReadingExport: Sendable {
    let archive: any ImageArchive
    /// 32 bytes, the same on one installation; makes the pseudonyms.
    let key: [UInt8]

    /// What was written and what was not.
    struct Written: Sendable {
        /// Images of each class, in class order.
        var counts = [Int](repeating: 0, count: SmearClass.allCases.count)
        var patients: Set<String> = []
        var leftOut: [LeftOut] = []
        var unreadable = 0
        var withoutConsent = 0
        var otherKinds = 0
        /// Cells of each type.
        var cells: [CellType: Int] = [:]

        /// In brackets, by type; empty without cells.
        private var cellTypes: String {
            let parts = CellType.allCases.compactMap { type in cells[type].map { "\(type.folder) \($0)" } }
            return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
        }

        func summary(_ target: URL) -> String {
            let classes = zip(SmearClass.keys, counts).map { "\($0) \($1)" }.joined(separator: ", ")
            return """
                \(target.path): \(counts.reduce(0, +)) images (\(classes)) of \(patients.count) patients.
                Left out: \(leftOut.count) listed in left-out.csv, \(unreadable) unreadable, \(withoutConsent) without \
                the patient's consent to training, \(otherKinds) read as none of the four classes.
                Cells: \(cells.values.reduce(0, +))\(cellTypes).
                """
        }
    }

    /// An image that is not in the set, and why.
    struct LeftOut: Sendable {
        let image: String
        let reason: String
        let detail: String
    }

    /// Writes the set, whole or not at all: it is put together beside its place and renamed.
    ///
    /// - Throws: `ClinicError` `.corrupt` when nothing may be exported, `.storage`; `DatasetError`.
    func write(_ selection: TrainingSelection, into target: URL) async throws -> Written {
        let partial = target.deletingLastPathComponent().appending(
            path: ".\(target.lastPathComponent).\(UUID().uuidString).partial")
        let result: Result<Written, any Error>
        do {
            let written = try await fill(partial, with: selection)
            try FileManager.default.moveItem(at: partial, to: target)
            return written
        } catch let error as CocoaError {
            result = .failure(
                ClinicError(.storage, fault: "\(target.path) cannot be written: \(error.localizedDescription)"))
        } catch {
            result = .failure(error)
        }
        if FileManager.default.fileExists(atPath: partial.path) { try FileManager.default.removeItem(at: partial) }
        return try result.get()
    }

    private func fill(_ folder: URL, with selection: TrainingSelection) async throws -> Written {
        var written = Written()
        written.unreadable = selection.unreadable
        written.withoutConsent = selection.withoutConsent
        written.otherKinds = selection.otherKinds
        written.leftOut = selection.disputed.map { disputed in
            let labels = disputed.labels.map(\.word).joined(separator: " ")
            return LeftOut(image: name(disputed.screeningID), reason: "readers-disagree", detail: labels)
        }
        for name in SmearClass.allCases.map(\.folder) {
            try FileManager.default.createDirectory(
                at: folder.appending(path: "images/\(name)"), withIntermediateDirectories: true)
        }
        var entries: [Manifest.Entry] = []
        let contradicted = Self.contradicted(selection)
        for labelled in selection.labelled {
            if contradicted.contains(labelled.image.sha256) {
                written.leftOut.append(
                    LeftOut(
                        image: name(labelled.screeningID), reason: "readers-disagree",
                        detail: "the same file was sent again and read as another class"))
                continue
            }
            guard let entry = try await store(labelled, number: entries.count, in: folder) else {
                written.leftOut.append(
                    LeftOut(image: name(labelled.screeningID), reason: "deleted", detail: "while the set was written"))
                continue
            }
            entries.append(entry)
            written.counts[labelled.label.index] += 1
            if let patient = entry.patient { written.patients.insert(patient) }
        }
        written.cells = try await storeCells(selection.cells, in: folder)
        guard !entries.isEmpty || !written.cells.isEmpty else { throw Self.nothing(written) }
        try Manifest(entries: entries).write(to: folder.appending(path: Dataset.manifestName))
        let leftOut = written.leftOut.map { [$0.image, $0.reason, $0.detail] }
        try Data(CSV.table([["image", "reason", "detail"]] + leftOut).utf8).write(
            to: folder.appending(path: "left-out.csv"), options: .atomic)
        return written
    }

    /// Nothing is written where there are no cells.
    /// - Returns: Cells of each type.
    private func storeCells(
        _ chosen: [TrainingSelection.LabelledCells], in folder: URL
    ) async throws -> [CellType: Int] {
        var (counts, rows): ([CellType: Int], [[String]]) = ([:], [])
        for image in chosen {
            guard let bytes = try await bytes(of: image.image) else { continue }
            let pictures = try CellExport.pictures(
                of: image, in: bytes, patient: pseudonym("patient", image.patientID.text),
                smearCase: pseudonym("case", image.image.caseID.text), image: name(image.screeningID))
            for picture in pictures {
                let file = folder.appending(path: picture.file)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(picture.png).write(to: file, options: .atomic)
                rows.append(picture.row)
            }
            for cell in image.cells { counts[cell.type, default: 0] += 1 }
        }
        guard !rows.isEmpty else { return [:] }
        try Data(CSV.table([CellExport.columns] + rows).utf8).write(
            to: folder.appending(path: Dataset.cellsName), options: .atomic)
        return counts
    }

    /// - Returns: Nil for an image that was deleted meanwhile.
    private func bytes(of image: CaseImage) async throws -> [UInt8]? {
        do { return try await archive.bytes(at: image.archiveKey) } catch let error as ClinicError
            where error.code == .notFound
        { return nil }
    }

    /// SHA-256 of files that were sent more than once and read differently.
    private static func contradicted(_ selection: TrainingSelection) -> Set<String> {
        let labels = Dictionary(grouping: selection.labelled, by: \.image.sha256).mapValues { Set($0.map(\.label)) }
        return Set(labels.filter { $0.value.count > 1 }.keys)
    }

    /// - Returns: Nil for an image that was deleted meanwhile.
    private func store(
        _ labelled: TrainingSelection.Labelled, number: Int, in folder: URL
    ) async throws -> Manifest.Entry? {
        guard let bytes = try await bytes(of: labelled.image) else { return nil }
        let type = labelled.image.archiveKey.split(separator: ".").last ?? "png"
        let file = "images/\(labelled.label.folder)/\(name(labelled.screeningID)).\(type)"
        let data = Data(bytes)
        try data.write(to: folder.appending(path: file), options: .atomic)
        return Manifest.Entry(
            file: file, label: labelled.label.index, sha256: SHA256.hash(data: data).hexadecimal,
            bytes: bytes.count, width: labelled.image.width, height: labelled.image.height,
            source: "leukoscope signed readings", patient: pseudonym("patient", labelled.patientID.text),
            series: pseudonym("case", labelled.image.caseID.text), group: number)
    }

    private func name(_ id: ScreeningID) -> String { pseudonym("screening", id.text) }

    /// 96 bits of HMAC-SHA256 (RFC 2104), so that two patients never share one by chance.
    private func pseudonym(_ kind: String, _ text: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(kind):\(text)".utf8), using: SymmetricKey(data: key))
        return code.prefix(12).hexadecimal
    }

    private static func nothing(_ written: Written) -> ClinicError {
        ClinicError(
            .corrupt,
            fault:
                "nothing may be exported: \(written.leftOut.count) left out for contradictions, \(written.unreadable) "
                + "unreadable, \(written.withoutConsent) without the patient's consent to training, \(written.otherKinds) read "
                + "as none of the four classes; sign readings "
                + "of shared screenings, or confirm their cells, where patients allowed it")
    }
}
