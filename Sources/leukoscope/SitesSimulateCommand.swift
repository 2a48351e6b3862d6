import ArgumentParser
import Clinic
import Findings
import Formats
import Foundation
import Randomness

extension SitesCommand {
    /// `leukoscope sites simulate`
    struct Simulate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Tries the watch on recorded answers: false alarms, and how soon another series or a drift is noticed.",
            discussion: """
                The table has a line for each field, in the order in which they were made, with the columns run and class, and \
                series, case, answer, novelty and evidence where they are known (separated by tabs, other columns do not \
                matter). Without evidence it is the share of blast-like cells, of the columns cells and blastLike; without \
                series each run is one, and without case any ten consecutive fields of a run may be one. A series named \
                NAME@DAY is the one NAME on that day, from 0 on, and followed from day to day, once for each --cases-per-day; a \
                day without a line is like the one before it.

                Streams are drawn as cases come: case after case, each of up to ten consecutive fields of one run. Familiar \
                streams are of the runs of the control fields; each series is then left out of the control fields and comes \
                after familiar cases. Standard output is one JSON object.

                With --left-out, a second table with a novelty in each line, the series that come later are those of that \
                table: each answered by a network that had nothing of it in training (leukoscope-lab verdict read --folds, of a \
                cross-validation that leaves out series), while the familiar cases are answered by networks that know their \
                series.

                EXAMPLE
                  leukoscope sites simulate --answers docs/results/verdict-fields.tsv --streams 1000
                  leukoscope sites simulate --answers known.tsv --left-out left-out.tsv
                """)

        @Option(help: ArgumentHelp("The table of answers.", valueName: "file")) var answers: String
        @Option(
            help: ArgumentHelp(
                "A table of answers to series that were left out of training, each by the network that lacks it.",
                valueName: "file"))
        var leftOut: String?
        @Option(help: "Streams of each kind.") var streams = WatchTrial.Settings().streams
        @Option(help: "Cases of a familiar stream.") var cases = WatchTrial.Settings().cases
        @Option(help: "Control cases of each kind.") var controls = WatchTrial.Settings().controls
        @Option(help: "Share of cases with leukaemia in a stream.")
        var malignantShare = WatchTrial.Settings().malignantShare
        @Option(help: "Familiar cases before a change.") var before = WatchTrial.Settings().before
        @Option(help: "Cases a day, where a series has days; may be given again.")
        var casesPerDay = [WatchTrial.Settings().casesPerDay]
        @Option(help: "Starts the draw; the same seed gives the same figures.") var seed: UInt64 = 20_261_130

        func validate() throws {
            guard streams > 0, cases > 0, controls > 0, before >= 0, casesPerDay.allSatisfy({ $0 > 0 }),
                (0...1).contains(malignantShare)
            else { throw ValidationError("Streams, cases and controls are 1 or more, the share is from 0 to 1.") }
        }

        private struct Results: Encodable {
            let answers: String
            let leftOut: String?
            let seed: UInt64
            let runs: Int
            let familiar: WatchTrial.Familiar
            let series: [WatchTrial.Changed]
            let drifts: [WatchTrial.Changed]
        }

        func run() throws {
            let table = try WatchTable(answers)
            let strange = try leftOut.map { try WatchTable($0) }
            if let strange, !(table.tellsNovelty && strange.tellsNovelty) {
                throw ProgramExit.stop(
                    "--left-out is about novelty: both tables need it in each line.", ProgramExit.badData)
            }
            var settings = WatchTrial.Settings()
            (settings.streams, settings.cases, settings.controls) = (streams, cases, controls)
            (settings.malignantShare, settings.before) = (malignantShare, before)
            let trial = WatchTrial(table.runs, settings: settings)
            var random = SplitMix64(seed: seed)
            let familiar = trial.familiar(using: &random)
            let names = Set((strange ?? table).runs.map(\.series)).sorted()
            let series = names.compactMap { trial.changed(to: $0, in: strange?.runs, using: &random) }
            var drifts: [WatchTrial.Changed] = []
            for (name, days) in table.days.sorted(by: { $0.key < $1.key }) {
                for number in casesPerDay {
                    settings.casesPerDay = number
                    let daily = WatchTrial(table.runs, settings: settings)
                    drifts += [daily.drifting(named: name, through: days, using: &random)].compactMap { $0 }
                }
            }
            print(
                try JSONFormat.file.text(
                    Results(
                        answers: answers, leftOut: leftOut, seed: seed, runs: table.runs.count, familiar: familiar,
                        series: series,
                        drifts: drifts)))
        }
    }
}

/// Recorded answers, run by run.
private struct WatchTable {
    /// Those without days.
    let runs: [WatchTrial.Run]
    /// By series and day.
    let days: [String: [[WatchTrial.Run]]]
    /// Whether each line has a novelty; else none has.
    let tellsNovelty: Bool

    /// - Throws: `ExitCode` after the reason went to standard error.
    init(_ path: String) throws {
        func fail(_ line: Int, _ reason: String) -> any Error {
            ProgramExit.stop("\(path), line \(line): \(reason)", ProgramExit.badData)
        }
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw ProgramExit.stop("\(path) cannot be read: \(error.localizedDescription)", ProgramExit.badData)
        }
        let records = CSVReader.records(in: text, separator: "\t")
        let head = records.first?.fields ?? []
        guard head.contains("run"), head.contains("class") else {
            throw fail(1, "the columns run and class are missing")
        }
        var rows: [Row] = []
        for record in records.dropFirst() {
            guard record.problem == nil, record.fields.count == head.count else {
                throw fail(record.line, record.problem?.rawValue ?? "the line has not as many fields as the first")
            }
            let values = Dictionary(zip(head, record.fields), uniquingKeysWith: { first, _ in first })
            guard let row = Row(values) else {
                throw fail(record.line, "the class is none, or a number is none")
            }
            rows.append(row)
        }
        guard !rows.isEmpty else { throw fail(1, "there are no answers") }
        let tellsNovelty = rows[0].tellsNovelty
        if let place = rows.firstIndex(where: { $0.tellsNovelty != tellsNovelty }) {
            throw fail(records[place + 1].line, "the novelty stands in some lines and not in others")
        }
        var (runs, days): ([WatchTrial.Run], [String: [Int: [WatchTrial.Run]]]) = ([], [:])
        for (_, own) in Dictionary(grouping: rows, by: \.key).sorted(by: { $0.key < $1.key }) {
            guard let run = Row.run(of: own) else { continue }
            if let day = own[0].day {
                days[run.series, default: [:]][day, default: []].append(run)
            } else {
                runs.append(run)
            }
        }
        guard !runs.isEmpty else {
            throw fail(1, "there is no run without a day, which the control fields are drawn of")
        }
        (self.runs, self.tellsNovelty) = (runs, tellsNovelty)
        self.days = days.mapValues { days in (0...(days.keys.max() ?? 0)).map { days[$0] ?? [] } }
    }

    private struct Row {
        let run: String
        let series: String
        let day: Int?
        let smearCase: String?
        let isMalignant: Bool
        let field: WatchedField
        let tellsNovelty: Bool

        var key: String { "\(series)\u{0}\(day ?? -1)\u{0}\(run)\u{0}\(isMalignant)" }

        /// - Returns: Nil for a class that is none, and a number that is none.
        init?(_ values: [String: String]) {
            func number(_ name: String) -> Double?? {
                guard let text = values[name], !text.isEmpty else { return .some(nil) }
                guard let number = Double(text), number.isFinite else { return nil }
                return number
            }
            guard let truth = SmearClass(rawValue: values["class"] ?? ""), let novelty = number("novelty"),
                let given = number("evidence"), let cells = number("cells"), let blasts = number("blastLike")
            else { return nil }
            run = values["run"] ?? ""
            isMalignant = truth.isMalignant
            let named = values["series"].flatMap { $0.isEmpty ? nil : $0 }
            let parts = (named ?? run).split(separator: "@", maxSplits: 1)
            series = parts.first.map(String.init) ?? run
            day = parts.count > 1 ? Int(parts[1]) : nil
            guard parts.count < 2 || day.map({ (0...10_000).contains($0) }) == true else { return nil }
            smearCase = values["case"].flatMap { $0.isEmpty ? nil : $0 }
            tellsNovelty = novelty != nil
            let answer = SmearClass(rawValue: values["answer"] ?? "") ?? truth
            let share = cells.flatMap { cells in blasts.map { cells > 0 ? $0 / cells : 0 } }
            field = WatchedField(
                isMalignant: answer.isMalignant, novelty: novelty ?? 0,
                evidence: given ?? share ?? (answer.isMalignant ? 1 : 0))
        }

        static func run(of rows: [Row]) -> WatchTrial.Run? {
            let first = rows[0]
            guard first.smearCase != nil else {
                return WatchTrial.Run(
                    name: first.run, series: first.series, isMalignant: first.isMalignant, fields: rows.map(\.field))
            }
            let cases = Dictionary(grouping: rows) { $0.smearCase ?? "" }.sorted { $0.key < $1.key }
                .compactMap { WatchedCase($0.value.map(\.field)) }
            return WatchTrial.Run(
                name: first.run, series: first.series, isMalignant: first.isMalignant, cases: cases)
        }
    }
}
