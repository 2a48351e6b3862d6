import COpenVINO

/// Calls into the OpenVINO C API, whose functions return a status and keep the text of the last failure.
enum OpenVINO {
    /// - Throws: `InferenceError` with the runtime's text unless the status is `OK`.
    static func check(
        _ status: ov_status_e, _ code: InferenceError.Code, _ message: @autoclosure () -> String
    ) throws {
        guard status != OK else { return }
        var text = ov_get_error_info(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
        // The header of ov_get_last_err_msg leaves freeing to the caller (ov_free).
        if let last = ov_get_last_err_msg() {
            let detail = String(cString: last)
            ov_free(last)
            if !detail.isEmpty { text = detail.split(separator: "\n").joined(separator: " ") }
        }
        throw InferenceError(code, message(), underlying: text)
    }

    /// As above, for everything that belongs to loading.
    static func check(_ status: ov_status_e, _ message: @autoclosure () -> String) throws {
        try check(status, .loadFailed, message())
    }

    /// Runs a C function that hands out an object through its first free argument.
    /// - Throws: `InferenceError` when the status is not `OK` or no object came.
    static func create(
        _ message: @autoclosure () -> String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> ov_status_e
    ) throws -> OpaquePointer {
        var object: OpaquePointer?
        try check(body(&object), .loadFailed, message())
        guard let object else { throw InferenceError(.loadFailed, message()) }
        return object
    }
}
