import Logging
import Packaging
import RemoteInference
import Screening
import Synchronization

/// The models that `serve` answers with.
enum ServedModels {
    /// Held until the process is gone: were the last reference dropped on some other thread while `exit` already unloads
    /// OpenVINO's plugins, the process would crash in place of giving its exit code.
    ///
    /// Of the models that take each other's place the shelf is held, so that those which are replaced are freed at once:
    /// what frees them are tasks that the server awaits before it ends.
    private static let held = Mutex<[any AnyObject & Sendable]>([])

    /// The model that answers uploads, and those that take its place.
    ///
    /// - Parameter front: What runs its network in place of this machine; nil for this machine alone.
    /// - Throws: `ExitCode` after the reason went to standard error.
    static func shelf(_ package: ModelPackage, front: RemoteInference?) throws -> ModelShelf {
        let shelf = ModelShelf(try screener(package, front: front))
        if let front { held.withLock { $0.append(front) } }
        held.withLock { $0.append(shelf) }
        return shelf
    }

    /// What answers the drawn examples; nil when no package was named and none is shipped.
    ///
    /// - Parameter directory: The package's; nil for the shipped one.
    /// - Throws: `ExitCode` after the reason went to standard error.
    static func demonstration(_ directory: String?) throws -> Screener? {
        guard let package = try demonstrationPackage(directory) else { return nil }
        let screener = try screener(package, front: nil)
        held.withLock { $0.append(screener) }
        return screener
    }

    private static func demonstrationPackage(_ directory: String?) throws -> ModelPackage? {
        if let directory { return try ModelPackage.open(directory) }
        do {
            return try ModelPackage(directory: ModelLocation.find(name: "demonstration"))
        } catch let error as PackagingError where error.code == .notFound {
            return nil
        } catch {
            throw ProgramExit.stop("the demonstration model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }

    private static func screener(_ package: ModelPackage, front: RemoteInference?) throws -> Screener {
        do {
            return try Screener(package: package, front: front)
        } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }
}

extension InferenceServerOptions {
    /// The server; every change of who answers goes into the log.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func remote(logger: Logger) throws -> RemoteInference? {
        try remote { standing in
            switch standing {
            case .remote: logger.notice("the inference server answers: its network is the model package's")
            case .local(let reason):
                logger.error("remote inference failed, local used", metadata: ["reason": "\(reason)"])
            case .unproven: break
            }
        }
    }
}
