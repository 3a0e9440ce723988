using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>A restorer, ours or one that anybody has at hand.</summary>
public interface IRestorerUnderTest
{
    /// <summary>The name in tables.</summary>
    string Name { get; }

    /// <summary>All that its result depends on beside the pictures: parameters, a model's identity.</summary>
    string Settings { get; }

    /// <summary>Whether it can do anything about a degradation.</summary>
    /// <param name="task">What is to be undone.</param>
    bool Serves(Degradation task);

    /// <summary>Restores a picture.</summary>
    /// <param name="picture">The degraded, or decoded, picture.</param>
    /// <param name="mask">White (≥ 128) where pixels are kept, black where they are missing; null where none is.</param>
    /// <param name="task">What is to be undone.</param>
    /// <returns>A picture of the same size.</returns>
    Picture Restore(Picture picture, Picture? mask, Degradation task);

    /// <summary>The same where the codec has filled the holes already.</summary>
    Picture RestoreFilled(Picture picture, Picture? mask, Degradation task) => Restore(picture, mask, task);
}
