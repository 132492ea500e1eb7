-- SPDX-License-Identifier: Apache-2.0
--
-- wrk: a signed-in person asks for one URL after the other, each time for another customer where the URL has {}.
--
-- SMV_BENCH_URL: the path. SMV_BENCH_NUMBERS: one customer number a line. SMV_BENCH_COOKIES: one Cookie header a
-- line.

local path = os.getenv("SMV_BENCH_URL")

local function lines_of(name)
    local lines = {}

    for line in io.lines(name) do
        lines[#lines + 1] = line
    end
    return lines
end

local numbers = lines_of(os.getenv("SMV_BENCH_NUMBERS"))
local cookies = lines_of(os.getenv("SMV_BENCH_COOKIES"))

function init()
    math.randomseed(20220101)
end

function request()
    local number = numbers[math.random(#numbers)]
    local headers = {["Cookie"] = cookies[math.random(#cookies)]}

    return wrk.format("GET", (path:gsub("{}", number)), headers)
end
