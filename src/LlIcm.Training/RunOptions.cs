using LlIcm.Tensors;
using LlIcm.Torch.Distributed;

namespace LlIcm.Training;

/// <summary>Where a run reads and writes.</summary>
public sealed record RunOptions
{
    /// <summary>A folder of photographs or pairs; null: what the recipe's <c>data</c> section says.</summary>
    public string? Data { get; init; }

    /// <summary>The folder for checkpoints, logs and weights.</summary>
    public required string Output { get; init; }

    /// <summary>Photographs that training does not see, for validation; null for none.</summary>
    public string? Validation { get; init; }

    /// <summary>Whether to go on from the checkpoint in <see cref="Output"/>, if there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Weights to start from, with a fresh optimiser: a file or a folder; null for new ones.</summary>
    public string? Init { get; init; }

    /// <summary>Where to compute.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The processes that share the batches; null: there is this one.</summary>
    public ProcessGroup? Processes { get; init; }

    /// <summary>Receives lines for a person.</summary>
    public Action<string> Report { get; init; } = _ => { };

    /// <summary>Receives the state after each step, for a display; null for none.</summary>
    public Action<RunProgress>? Progress { get; init; }

    /// <summary>Lines that are reported once the run has really begun: an error before it stands alone.</summary>
    public List<string> Introduction { get; } = [];
}
