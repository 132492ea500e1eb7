-- SPDX-License-Identifier: Apache-2.0
--
-- wrk: a signed-in person asks for one URL after the other, each time for another customer where the URL has {}.
--
-- SMV_BENCH_URL: the path. SMV_BENCH_CUSTOMERS: how many, numbered from 10001. SMV_BENCH_COOKIES: one Cookie header a line.

local path = os.getenv("SMV_BENCH_URL")
local customers = tonumber(os.getenv("SMV_BENCH_CUSTOMERS"))
local cookies = {}

for line in io.lines(os.getenv("SMV_BENCH_COOKIES")) do
    cookies[#cookies + 1] = line
end

function init()
    math.randomseed(20220101)
end

function request()
    local number = tostring(10000 + math.random(customers))
    local headers = {["Cookie"] = cookies[math.random(#cookies)]}

    return wrk.format("GET", (path:gsub("{}", number)), headers)
end
