using LlIcm.Torch;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// Watches, until disposed, which hidden units of a <see cref="ResidualUNet"/> are ever above 0. One that never is passes on a small
/// slope of its input or, with a slope of 0, nothing: too large steps can put most of a network to sleep without the loss telling.
/// </summary>
public sealed class UnitActivity : IDisposable
{
    private readonly ModulatedResidualBlock[] _blocks;
    private readonly float[]?[] _highest;

    /// <summary>Starts watching; a network of another kind has nothing to watch.</summary>
    /// <param name="network">The network, which one thread evaluates.</param>
    public UnitActivity(ConditionalDenoiser network)
    {
        _blocks = [.. network.NamedModules().Select(each => each.Module).OfType<ModulatedResidualBlock>()];
        _highest = new float[_blocks.Length][];
        for (int i = 0; i < _blocks.Length; i++)
        {
            int block = i;
            _blocks[i].Observe = hidden => Note(block, hidden);
        }
    }

    /// <summary>
    /// Share of the units that were not above 0 for any pixel of any picture, 0 to 1; null where there was nothing to watch.
    /// </summary>
    public double? Asleep
    {
        get
        {
            float[] all = [.. _highest.OfType<float[]>().SelectMany(each => each)];
            return all.Length == 0 ? null : all.Count(value => !(value > 0)) / (double)all.Length;
        }
    }

    /// <summary>
    /// Draws the units that have slept so far anew, with no weight on what comes after them: what the network made of the pictures
    /// that were watched it still makes, and all of it can learn again (Sokar et al., "The dormant neuron phenomenon", 2023).
    /// </summary>
    /// <returns>How many units.</returns>
    public int WakeSleepers()
    {
        int count = 0;
        for (int i = 0; i < _blocks.Length; i++)
        {
            if (_highest[i] is not { } highest) continue;
            int[] asleep = [.. Enumerable.Range(0, highest.Length).Where(unit => !(highest[unit] > 0))];
            _blocks[i].Renew(asleep);
            count += asleep.Length;
        }
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ModulatedResidualBlock block in _blocks) block.Observe = null;
    }

    private void Note(int block, Tensor hidden)
    {
        float[] now = hidden.Detach().Amax([0, 2, 3]).To(ScalarType.Float).ToArray<float>();
        _highest[block] = _highest[block] is { } before ? [.. before.Zip(now, Math.Max)] : now;
    }
}
