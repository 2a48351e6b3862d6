-- What wrk sends in Benchmarks/serving.py: POST /api/v1/predict with one image after the other as multipart/form-data.
-- Arguments after `--` are the image files. Prints one JSON line at the end.

local requests, counter = {}, 0

function init(files)
   local boundary = "leukoscope-benchmark"
   local headers = { ["Content-Type"] = "multipart/form-data; boundary=" .. boundary }
   for _, path in ipairs(files) do
      local file = assert(io.open(path, "rb"))
      local body = "--" .. boundary .. "\r\n"
         .. 'Content-Disposition: form-data; name="image"; filename="smear.jpg"\r\n'
         .. "Content-Type: application/octet-stream\r\n\r\n" .. file:read("*a") .. "\r\n--" .. boundary .. "--\r\n"
      file:close()
      requests[#requests + 1] = wrk.format("POST", "/api/v1/predict", headers, body)
   end
end

function request()
   counter = counter + 1
   return requests[(counter - 1) % #requests + 1]
end

function done(summary, latency, _)
   local errors = summary.errors
   print(string.format(
      '{"requests": %d, "seconds": %.6f, "p50": %.3f, "p90": %.3f, "p99": %.3f, "most": %.3f, "failures": %d, "notOK": %d}',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
      latency:percentile(99) / 1e3, latency.max / 1e3, errors.connect + errors.read + errors.write + errors.timeout,
      errors.status))
end
