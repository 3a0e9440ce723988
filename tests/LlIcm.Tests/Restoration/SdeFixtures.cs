using System.Text.Json;
using LlIcm.Restoration;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

internal static class SdeFixtures
{
    /// <summary>The SDE that a fixture's JSON describes.</summary>
    public static IrSdeOptions Options(JsonElement json) => new()
    {
        MaxSigma = json.TryGetProperty("max_sigma_option", out JsonElement sigma)
            ? sigma.GetDouble() : json.GetProperty("max_sigma").GetDouble(),
        Steps = json.GetProperty("T").GetInt32(),
        Schedule = Enum.Parse<ThetaSchedule>(json.GetProperty("schedule").GetString()!, ignoreCase: true),
        Epsilon = json.GetProperty("eps").GetDouble(),
        SampleSteps = json.TryGetProperty("sample_T", out JsonElement steps) ? steps.GetInt32() : null,
    };

    /// <summary>The times of the training batch.</summary>
    public static int[] Timesteps(Golden golden) => golden.File["train.timesteps"].ToIntArray();
}
