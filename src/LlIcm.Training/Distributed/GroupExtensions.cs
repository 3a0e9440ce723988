using LlIcm.Torch;
using LlIcm.Torch.Distributed;

namespace LlIcm.Training.Distributed;

/// <summary>What training exchanges between processes.</summary>
internal static class GroupExtensions
{
    /// <summary>Sums gradients and a few values over all processes, in one exchange.</summary>
    public static double[] Reduce(this ProcessGroup group, IEnumerable<Tensor> parameters, double[] values, Device device)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        // Which parameters have a gradient follows from the step, so it is the same everywhere.
        Tensor[] gradients = [.. parameters.Select(each => each.Grad).OfType<Tensor>()];
        Tensor numbers = Tensor.From<float>([.. values.Select(each => (float)each)], [values.Length], device);
        Tensor flat = Tensor.Cat(0, [.. gradients.Select(each => each.Reshape(-1)), numbers]);
        group.AllReduce(flat);
        Tensor[] parts = flat.Split([.. gradients.Select(each => each.ElementCount), values.Length], 0);
        for (int i = 0; i < gradients.Length; i++) gradients[i].CopyInPlace(parts[i].Reshape(gradients[i].Shape.ToArray()));
        return [.. parts[^1].To(Device.Cpu).ToArray<float>().Select(each => (double)each)];
    }

    /// <summary>Gives all processes the tensors of process 0.</summary>
    public static void Share(this ProcessGroup group, IEnumerable<Tensor> tensors)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor[] all = [.. tensors];
        if (all.Length == 0) return;
        Tensor flat = Tensor.Cat(0, [.. all.Select(each => each.Detach().Reshape(-1))]);
        group.Broadcast(flat);
        Tensor[] parts = flat.Split([.. all.Select(each => each.ElementCount)], 0);
        for (int i = 0; i < all.Length; i++) all[i].CopyInPlace(parts[i].Reshape(all[i].Shape.ToArray()));
    }

    /// <summary>
    /// Gives every process the rows of all. The gradient of its own rows is made larger by what the loop makes it smaller:
    /// a loss of the whole batch, computed everywhere, then has the gradient it has in one process.
    /// </summary>
    /// <param name="group">The processes; null: there is one.</param>
    /// <param name="rows">This process's rows [B, E].</param>
    /// <param name="part">Which they are.</param>
    public static Tensor Gather(this ProcessGroup? group, Tensor rows, BatchPart part)
    {
        if (group is null || part.IsWhole) return rows;
        Tensor all = Tensor.Zeros([part.Total, rows.Size(1)], rows.Type, rows.Device);
        using (GradMode.Disable())
        {
            all.Narrow(0, part.First, part.Count).CopyInPlace(rows.Detach());
            group.AllReduce(all);
        }
        Tensor still = rows.Detach();
        Tensor own = still + (rows - still) * (1 / part.Share);
        int after = part.First + part.Count;
        return Tensor.Cat(0, all.Narrow(0, 0, part.First), own, all.Narrow(0, after, part.Total - after));
    }
}
