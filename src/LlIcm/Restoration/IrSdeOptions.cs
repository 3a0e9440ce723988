using System.Globalization;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Restoration;

/// <summary>The parameters of a mean-reverting SDE; the defaults are the published universal model's.</summary>
public sealed record IrSdeOptions
{
    /// <summary>The stationary standard deviation, for pictures in [0, 1]; values from 1 on count in 255ths.</summary>
    public double MaxSigma { get; init; } = 50;

    /// <summary>T, the number of steps the network was trained with.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The course of θ.</summary>
    public ThetaSchedule Schedule { get; init; } = ThetaSchedule.Cosine;

    /// <summary>What is left of x₀ − μ at time T.</summary>
    public double Epsilon { get; init; } = 0.005;

    /// <summary>
    /// Steps of a schedule rebuilt for sampling, or null for <see cref="Steps"/>; the network still sees 0 … T.
    /// </summary>
    public int? SampleSteps { get; init; }

    private const string MaxSigmaKey = "sde_max_sigma", StepsKey = "sde_steps", ScheduleKey = "sde_schedule", EpsilonKey = "sde_epsilon";

    /// <summary>Reads what <see cref="ToMetadata"/> wrote beside a network; what is absent has its default.</summary>
    /// <exception cref="WeightFormatException">An entry is unusable; the message names it.</exception>
    public static IrSdeOptions FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        var usual = new IrSdeOptions();
        double Number(string key, double otherwise, double largest)
        {
            if (!metadata.TryGetValue(key, out string? text)) return otherwise;
            return double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number > 0 && number <= largest
                ? number : throw new WeightFormatException($"the metadata '{key}' is no usable number: '{text}'");
        }
        ThetaSchedule schedule = usual.Schedule;
        if (metadata.TryGetValue(ScheduleKey, out string? name)
            && !(Enum.TryParse(name, ignoreCase: true, out schedule) && Enum.IsDefined(schedule)))
            throw new WeightFormatException($"the metadata '{ScheduleKey}' names no known schedule: '{name}'");
        return new IrSdeOptions
        {
            MaxSigma = Number(MaxSigmaKey, usual.MaxSigma, 255),
            Steps = (int)Number(StepsKey, usual.Steps, 10000),
            Epsilon = Number(EpsilonKey, usual.Epsilon, 0.999),
            Schedule = schedule,
        };
    }

    /// <summary>The process for a weight file's metadata.</summary>
    public Dictionary<string, string> ToMetadata() => new()
    {
        [MaxSigmaKey] = MaxSigma.ToString("R", CultureInfo.InvariantCulture),
        [StepsKey] = Steps.ToString(CultureInfo.InvariantCulture),
        [ScheduleKey] = Schedule.ToString().ToLowerInvariant(),
        [EpsilonKey] = Epsilon.ToString("R", CultureInfo.InvariantCulture),
    };
}
