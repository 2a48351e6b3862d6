import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Packaging
import Screening
import Synchronization
import Testing
import Web

@Suite(.timeLimit(.minutes(10))) struct AdminModelTests {
    @Test func `installs a package, activates it and rolls back`() async throws {
        try await AdminDesk.run { desk in
            let files = try AdminDesk.package(
                version: "2.0.0", temperature: 3, metrics: AdminDesk.metrics(macroF1: 0.96))
            let installed = try await desk.install(files)
            #expect(installed.status == .seeOther, "\(installed.text)")
            let id = try #require(try await desk.services.models.store.contents().models.first?.id)
            let page = try await desk.browser.get("/admin/models")
            #expect(page.text.contains("2.0.0"))
            #expect(page.text.contains("96.00"))
            #expect(try await desk.activate(id.text).status == .seeOther)
            #expect(desk.services.models.shelf.active.package.description.version == "2.0.0")
            #expect(try await desk.browser.get("/learn").text.contains("2.0.0"))
            #expect(try await desk.activate("shipped", reason: "back").status == .seeOther)
            #expect(desk.services.models.shelf.active.package.description.version == "1.0.0")
            let actions = try await desk.actions()
            #expect(actions.filter { $0.hasPrefix("model.") } == ["model.install", "model.activate", "model.activate"])
        }
    }

    @Test func `refuses a worse package with the figures side by side`() async throws {
        try await AdminDesk.run { desk in
            let files = try AdminDesk.package(version: "2.0.0", metrics: AdminDesk.metrics(macroF1: 0.91))
            let answer = try await desk.install(files)
            #expect(answer.status == .unprocessableContent)
            for words in ["The package was not installed", "91.00", "95.00", "94.50"] {
                #expect(answer.text.contains(words), "\(words)")
            }
            #expect(try await desk.services.models.store.contents().models.isEmpty)
        }
    }

    @Test func `refuses what is no package and a forgotten file`() async throws {
        try await AdminDesk.run { desk in
            let noise = try await desk.send([UInt8](repeating: 1, count: 1000))
            #expect(noise.status == .unprocessableContent)
            #expect(noise.text.contains("neither a .zip nor a .tar"))
            #expect(try await desk.send([]).status == .unprocessableContent)
            var broken = try AdminDesk.package(version: "2.0.0", metrics: AdminDesk.metrics(macroF1: 0.96)).files
            broken["model.onnx"]?[500] ^= 1
            let answer = try await desk.install(PackageFiles(files: broken))
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("model.onnx"))
        }
    }

    @Test func `asks for the password before a model is installed or activated`() async throws {
        try await AdminDesk.run { desk in
            let files = try AdminDesk.package(version: "2.0.0", metrics: AdminDesk.metrics(macroF1: 0.96))
            let wrong = try await desk.install(files, password: "guessed")
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains("not your current password"))
            #expect(try await desk.services.models.store.contents().models.isEmpty)
            #expect(try await desk.install(files).status == .seeOther)
            let id = try #require(try await desk.services.models.store.contents().models.first?.id)
            let activation = try await desk.browser.post(
                "/admin/models/activate", [("model", id.text), ("reason", "x"), ("password", "guessed")])
            #expect(activation.status == .unprocessableContent)
            #expect(try await desk.services.models.store.contents().active == nil)
        }
    }

    @Test func `tells of a model that cannot be loaded and stays ready`() async throws {
        try await AdminDesk.run { desk in
            let files = try AdminDesk.package(version: "2.0.0", metrics: AdminDesk.metrics(macroF1: 0.96))
            let model = try await desk.services.models.store.install(files, by: .system).model
            try await desk.services.archive.remove(ArchiveKey.model(model.id))
            // As another node whose archive was complete would have written it.
            try await desk.services.database.write {
                _ = try $0.activate(model.id, by: nil, reason: "elsewhere", at: Date())
            }
            try await desk.services.models.follow()
            #expect(desk.services.models.shelf.active.package.description.version == "1.0.0")
            let ready = try await desk.client.execute(uri: "/readyz", method: .get)
            #expect(ready.status == .ok)
            #expect(ready.text.contains("cannot be used"))
            for path in ["/admin", "/admin/models"] {
                #expect(try await desk.browser.get(path).text.contains("cannot be used on this node"), "\(path)")
            }
            let refused = try await desk.activate("shipped")
            #expect(refused.status == .seeOther)
            #expect(try await desk.client.execute(uri: "/readyz", method: .get).text == "ready\n")
        }
    }

    @Test func `drops no request and mixes no models while it switches under load`() async throws {
        try await AdminDesk.run { desk in
            let files = try AdminDesk.package(
                version: "2.0.0", temperature: 5, metrics: AdminDesk.metrics(macroF1: 0.96))
            let id = try await desk.services.models.store.install(files, by: .system).model.id
            let pictures = try (0..<6).map { try TestSite.picture(seed: UInt64($0)) }
            var expected: [String: [[Double]]] = [:]
            for model in [nil, id] {
                let screener = try await desk.services.models.store.screener(of: model)
                var answers: [[Double]] = []
                for picture in pictures { answers.append(try await screener.screen(picture).probabilities.values) }
                expected[screener.package.description.version] = answers
            }
            let right = expected
            let isOver = Mutex(false)
            let switching = Task {
                var count = 0
                while !isOver.withLock({ $0 }) && count < 20 || count < 4 {
                    try await desk.services.models.activate(
                        count.isMultiple(of: 2) ? id : nil, by: .system, reason: "switch \(count)")
                    count += 1
                    try await Task.sleep(for: .milliseconds(100))
                }
                return count
            }
            let versions = try await withThrowingTaskGroup(of: [String].self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        var versions: [String] = []
                        for number in 0..<12 {
                            let index = (lane + number) % pictures.count
                            let answer = try await desk.client.execute(
                                uri: "/api/v1/predict", method: .post, headers: TestSite.formHeaders,
                                body: TestSite.form(pictures[index]))
                            #expect(answer.status == .ok, "\(answer.text)")
                            let result = try JSONDecoder().decode(
                                Answer.self, from: Data(answer.body.readableBytesView))
                            let values = try #require(right[result.model.version]?[index])
                            let isRight = zip(values, result.probabilities.values).allSatisfy { abs($0 - $1) < 1e-5 }
                            #expect(isRight, "\(result.model.version), picture \(index)")
                            versions.append(result.model.version)
                        }
                        return versions
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            isOver.withLock { $0 = true }
            #expect(try await switching.value >= 4)
            #expect(versions.count == 48)
        }
    }
}

/// What these tests read of an answer.
private struct Answer: Decodable {
    let model: ScreeningOutcome.Model
    let probabilities: ClassProbabilities
}
