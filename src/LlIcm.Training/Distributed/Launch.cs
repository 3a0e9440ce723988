using System.Globalization;
using LlIcm.Tensors;
using LlIcm.Torch.Distributed;

namespace LlIcm.Training.Distributed;

/// <summary>
/// How this process was launched, in the variables that torchrun sets and that Slurm and Kubernetes scripts can set:
/// RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT.
/// </summary>
/// <param name="Rank">This process's number, from 0.</param>
/// <param name="Size">The number of processes.</param>
/// <param name="LocalRank">This process's number on its machine: the GPU to take.</param>
/// <param name="Host">Where process 0 is.</param>
/// <param name="Port">A free port there.</param>
/// <param name="Serves">Whether this process holds the store the others find each other by.</param>
/// <param name="Attempt">How often the launcher has started again.</param>
public sealed record Launch(int Rank, int Size, int LocalRank, string Host, int Port, bool Serves, int Attempt)
{
    /// <summary>Reads the variables; null where they name no other process.</summary>
    /// <param name="variable">Gives a variable; null for the environment's.</param>
    /// <exception cref="TrainingException">One is missing or makes no sense; the message names it.</exception>
    public static Launch? Read(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        if (string.IsNullOrEmpty(variable("WORLD_SIZE"))) return null;
        int size = Number(variable, "WORLD_SIZE", 1, int.MaxValue);
        int rank = Number(variable, "RANK", 0, size - 1);
        if (size == 1) return null;
        int local = string.IsNullOrEmpty(variable("LOCAL_RANK")) ? 0 : Number(variable, "LOCAL_RANK", 0, size - 1);
        string host = variable("MASTER_ADDR") is { Length: > 0 } address
            ? address : throw new TrainingException("MASTER_ADDR is not set, but WORLD_SIZE is");
        int port = Number(variable, "MASTER_PORT", 1, ushort.MaxValue);
        // torchrun's agent may hold the store itself.
        bool agent = variable("TORCHELASTIC_USE_AGENT_STORE") is "True";
        int attempt = string.IsNullOrEmpty(variable("TORCHELASTIC_RESTART_COUNT"))
            ? 0 : Number(variable, "TORCHELASTIC_RESTART_COUNT", 0, int.MaxValue);
        return new Launch(rank, size, local, host, port, rank == 0 && !agent, attempt);
    }

    /// <summary>Waits for the other processes.</summary>
    /// <param name="device">Where the gradients are.</param>
    /// <param name="timeout">How long to wait for others, now and in every step.</param>
    /// <exception cref="TrainingException">They don't come; the message names the address.</exception>
    public ProcessGroup Join(Device device, TimeSpan timeout)
    {
        try
        {
            return ProcessGroup.Join(
                device, Host, Port, Serves, string.Create(CultureInfo.InvariantCulture, $"llicm/attempt_{Attempt}"),
                Rank, Size, timeout);
        }
        catch (TensorException error)
        {
            throw new TrainingException(
                $"process {Rank} of {Size}: no meeting at {Host}:{Port} (MASTER_ADDR, MASTER_PORT): {error.Message.Split('\n', 2)[0]}");
        }
    }

    private static int Number(Func<string, string?> variable, string name, int least, int most)
    {
        string? text = variable(name);
        if (int.TryParse(text, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
        throw new TrainingException(string.IsNullOrEmpty(text)
            ? $"{name} is not set, but WORLD_SIZE is" : $"{name}={text}: must be {least} to {most}");
    }
}
