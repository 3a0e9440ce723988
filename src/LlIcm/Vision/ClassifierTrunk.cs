using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>Views [B, 3, S, S] → features [B, 2·width]: means and maxima of convolutions at four scales' end.</summary>
internal sealed class ClassifierTrunk : Module
{
    private const double Slope = 0.1;

    private readonly List<Conv2d> _down = [], _blocks = [];

    public ClassifierTrunk(IReadOnlyList<int> widths)
    {
        var down = new Layers();
        var blocks = new Layers();
        Child("down", down);
        Child("blocks", blocks);
        for (int level = 0; level < widths.Count; level++)
        {
            int from = level == 0 ? 12 : widths[level - 1];
            _down.Add(down.Add(Initialised(new Conv2d(from, widths[level], 3, stride: level == 0 ? 1 : 2), from)));
            if (level > 0) _blocks.Add(blocks.Add(Initialised(new Conv2d(widths[level], widths[level], 3), widths[level])));
        }
    }

    public Tensor Forward(Tensor views)
    {
        using var scope = new TensorScope();
        Tensor x = ((views - 0.5) * 2).PixelUnshuffle(2);
        for (int level = 0; level < _down.Count; level++)
        {
            x = _down[level].Forward(x).LeakyRelu(Slope);
            if (level > 0) x += _blocks[level - 1].Forward(x).LeakyRelu(Slope) * 0.5;
        }
        return scope.Keep(Tensor.Cat(1, x.Mean([2, 3]), x.Amax([2, 3])));
    }

    private static Conv2d Initialised(Conv2d layer, int inputs)
    {
        Initialization.RefillNormal(layer.Weight, Math.Sqrt(2.0 / (inputs * 9)));
        Initialization.RefillConstant(layer.Bias!, 0);
        return layer;
    }

    private sealed class Layers : Module
    {
        private int _count;

        public Conv2d Add(Conv2d layer) => Child((_count++).ToString(null, null), layer);
    }
}
