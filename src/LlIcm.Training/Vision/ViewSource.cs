using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>Pairs of random crops of the same photograph, through CLIP's preprocessing; a pure function of seed and step.</summary>
/// <param name="crops">Cuts clean photographs; called on several threads.</param>
/// <param name="size">Side of the tower's input.</param>
/// <param name="seed">Of the run.</param>
public sealed class ViewSource(Func<Xoshiro256, PlanarImage> crops, int size, ulong seed)
{
    private readonly ClipPreprocessing _preprocessing = new(size);

    /// <summary>Makes a part of a step's batch.</summary>
    public ViewPair Make(long step, BatchPart part)
    {
        int picture = 3 * size * size;
        var first = new float[part.Count * picture];
        var second = new float[part.Count * picture];
        for (int i = 0; i < part.Count; i++)
        {
            var random = new Xoshiro256(Xoshiro256.Mix(seed, (ulong)step, (ulong)(part.First + i)));
            PlanarImage photo = crops(random);
            View(photo, random).CopyTo(first, i * picture);
            View(photo, random).CopyTo(second, i * picture);
        }
        return new ViewPair(first, second, part.Count, size);
    }

    // A square of half to the whole side, mirrored at random.
    private float[] View(PlanarImage photo, Xoshiro256 random)
    {
        int side = (int)(photo.Width * (0.5f + 0.5f * random.NextFloat()));
        int left = random.NextInt(photo.Width - side + 1), top = random.NextInt(photo.Height - side + 1);
        bool mirror = random.Chance(0.5f);
        var view = new PlanarImage(side, side);
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < side; y++)
            {
                ReadOnlySpan<float> source = photo.Plane(c).Slice((top + y) * photo.Width + left, side);
                Span<float> target = view.Plane(c).Slice(y * side, side);
                source.CopyTo(target);
                if (mirror) target.Reverse();
            }
        return _preprocessing.PreparePlanes(view.Pixels, side, side);
    }
}
